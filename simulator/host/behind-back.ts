/** Actions of a person at the host, past the API, for tests of how clients react. */
import type { VirtualMachineConfigSpec } from "../../schema/index.ts";
import type { Datastore } from "../datastore/datastore.ts";
import { datastoresChanged } from "../host-context.ts";
import type { GuestSays } from "../vm/guest/guest.ts";
import { reconfigure } from "../vm/reconfigure.ts";
import type { Unreadable } from "../vm/unreadable.ts";
import { CONFIG_PROPERTIES, type Vm } from "../vm/vm.ts";
import type { Host } from "./host.ts";

export function behindBack(host: Host) {
  const vmOf = (moid: string): Vm => {
    const vm = host.vms.find(moid);
    if (vm === undefined) throw new Error(`The host has no VM ${moid}`);
    return vm;
  };
  return {
    powerOn: (moid: string): Promise<void> => host.power.powerOn(vmOf(moid)),
    powerOff: async (moid: string): Promise<void> => host.power.powerOff(vmOf(moid)),
    /** Powers it off first if it runs. */
    async destroy(moid: string): Promise<void> {
      const vm = vmOf(moid);
      if (vm.powerState !== "poweredOff") host.power.powerOff(vm);
      await host.vms.destroy(vm);
    },
    unregister: async (moid: string): Promise<void> => host.vms.unregister(vmOf(moid)),
    rename: (moid: string, name: string): Promise<void> => reconfigure(host, vmOf(moid), { name }),
    reconfigure: (moid: string, spec: VirtualMachineConfigSpec): Promise<void> =>
      reconfigure(host, vmOf(moid), spec),
    /** Keeps the host from reading the VM's files, or allows it again with undefined. */
    setUnreadable(moid: string, why: Unreadable | undefined): void {
      const vm = vmOf(moid);
      vm.unreadable = why;
      vm.changed(...CONFIG_PROPERTIES);
    },
    /** Sets the reports and behaviour of a guest from now on, while its Tools run. */
    setGuest(moid: string, says: GuestSays): void {
      const vm = vmOf(moid);
      vm.guestSays = says;
      vm.changed("guest", "summary");
    },
    /** Makes a datastore inaccessible with all VMs on it, or accessible again. */
    setAway(name: string, away: boolean): void {
      datastoreOf(host, name).accessible = !away;
      datastoresChanged(host);
      for (const vm of host.vms.list()) vm.changed(...CONFIG_PROPERTIES);
    },
    /** Takes a datastore from the host, which then lists it no more, or returns it with all that is on it. */
    async setMounted(name: string, mounted: boolean): Promise<void> {
      const datastore = datastoreOf(host, name);
      if (mounted) await host.mounts.mount(datastore);
      else await host.mounts.unmount(datastore);
    },
    reboot: (): Promise<string[]> => host.reboot(),
    setFull(datastore: string, full: boolean): void {
      datastoreOf(host, datastore).setFull(full);
      datastoresChanged(host);
    },
    setSsh: (running: boolean): Promise<void> => host.services.set("TSM-SSH", running),
  };
}

function datastoreOf(host: Host, name: string): Datastore {
  const datastore = host.mounts.find(name);
  if (datastore === undefined) throw new Error(`The host has no datastore ${name}`);
  return datastore;
}

/**
 * Every file and folder, relative to the datastore's root. Folders end in a slash.
 * A folder that the host is just deleting may go between two reads: what was in it is not there then.
 */
export async function listFiles(host: Host, name: string): Promise<string[]> {
  const datastore = datastoreOf(host, name);
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of (await datastore.listIfThere(folder)) ?? []) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      found.push(entry.kind === "directory" ? `${path}/` : path);
      if (entry.kind === "directory") await visit(path);
    }
  };
  await visit("");
  return found;
}

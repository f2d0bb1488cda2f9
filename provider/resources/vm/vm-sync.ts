import { isDeepStrictEqual } from "node:util";
import { refuseWithChildren } from "../../host/disk-children.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import type { ObservedVm } from "../../host/observed-vm.ts";
import { type AdapterWish, networkInterfaces } from "../../host/vm-config/network-interfaces.ts";
import { apiControl, type VmControl } from "../../host/vm-control.ts";
import type { VmChange } from "../../host/vm-operations.ts";
import { waitForGuest } from "../../host/wait-for-guest.ts";
import type { Context } from "../lifecycle.ts";
import type { VmSettings } from "./vm-settings.ts";

const DEFAULT_SHUTDOWN_SECONDS = 120;

/** Settings that are brought in line; those of a resource that has no such setting stay as they are. */
export type SyncedSettings = VmSettings & { readonly networkInterfaces?: readonly AdapterWish[] | undefined };

/**
 * Brings a VM in line with its settings: sends only what differs, powers off only where the host allows the change in
 * no other way, and at most once.
 *
 * @param extraConfig Every advanced setting that is to have a value; the empty text removes a key.
 * @param control How the host is made to do it.
 * @returns Whether anything was changed, so that the VM is not what it was.
 * @throws HostError if the VM is to be powered on although others' disks build on its own.
 */
export async function syncVm(
  host: EsxiHost,
  vm: ObservedVm,
  settings: SyncedSettings,
  extraConfig: Readonly<Record<string, string>>,
  context: Context,
  control: VmControl = apiControl(host),
): Promise<boolean> {
  const { signal, progress } = context;
  let changed = false;
  const doing = (what: string) => {
    changed = true;
    progress.status(what);
  };
  const rename = async () => {
    if (vm.name === settings.name) return;
    doing(`renaming "${vm.name}" to "${settings.name}"`);
    await control.rename(vm, settings.name, signal);
  };
  if (!control.changesOnlyWhileOff) await rename();
  const change = changeOf(vm, settings, extraConfig);
  let running = vm.powerState !== "poweredOff";
  const changes = Object.values(change).some((value) => value !== undefined);
  const mustBeOff = control.changesOnlyWhileOff
    ? changes || vm.name !== settings.name
    : needsPowerOff(vm, change);
  if (running && mustBeOff) {
    if (settings.powerOn && !settings.allowPowerCycle) {
      throw new HostError(
        `${host.name}: "${vm.name}" must be powered off to change its ${changedIn(change).join(", ") || "name"}, ` +
          "and allowPowerCycle is false. Set it to true, or shut the VM down and run `pulumi up` again.",
      );
    }
    doing("shutting down for a change of hardware");
    await shutDown(control, vm, settings, context);
    running = false;
  }
  if (control.changesOnlyWhileOff) await rename();
  if (changes) {
    doing("changing the configuration");
    await control.reconfigure(vm, change, signal);
  }
  if (vm.powerState === "poweredOn" && running && !settings.powerOn) {
    doing("shutting down");
    await shutDown(control, vm, settings, context);
  } else if (settings.powerOn && (!running || vm.powerState === "suspended")) {
    // Nobody can have built on a VM that was just made.
    if (vm.ownerMark?.phase !== "creating") await refuseWithChildren(host, vm, "power it on");
    doing("powering on");
    await control.powerOn(vm, settings.name, signal);
  }
  return changed;
}

/** Waits for what the settings say to wait for, if the VM is to run. */
export async function waitForVm(
  host: EsxiHost,
  vm: ObservedVm,
  settings: VmSettings,
  { progress, signal }: Context,
): Promise<void> {
  if (!settings.powerOn || !settings.waitFor) return;
  await waitForGuest(host, vm, settings.waitFor, { signal, onStatus: (text) => progress.status(text) });
}

/** Powers off for good: the guest is asked first. */
async function shutDown(
  control: VmControl,
  vm: ObservedVm,
  settings: Pick<VmSettings, "timeouts">,
  { signal }: Context,
): Promise<void> {
  const seconds = settings.timeouts?.shutdownSeconds ?? DEFAULT_SHUTDOWN_SECONDS;
  if (vm.powerState === "suspended") await control.powerOff(vm, signal);
  else await control.shutDown(vm, seconds, signal);
}

function changeOf(
  vm: ObservedVm,
  settings: SyncedSettings,
  extraConfig: Readonly<Record<string, string>>,
): VmChange {
  const differing = <T>(wanted: T | undefined, actual: T) => (wanted === actual ? undefined : wanted);
  const options = Object.entries(extraConfig).filter(
    ([key, value]) => (vm.extraConfig.get(key) ?? "") !== value,
  );
  return {
    numCpus: differing(settings.numCpus, vm.numCpus),
    numCoresPerSocket: differing(settings.numCoresPerSocket, vm.numCoresPerSocket),
    memory: differing(settings.memory, vm.memory),
    annotation: differing(settings.annotation, vm.annotation),
    adapters: adapterChange(vm, settings.networkInterfaces),
    extraConfig: options.length > 0 ? Object.fromEntries(options) : undefined,
  };
}

/** The adapters as a change to make; undefined if the machine has what is wished for. */
function adapterChange(
  vm: ObservedVm,
  wishes: readonly AdapterWish[] | undefined,
): readonly AdapterWish[] | undefined {
  if (wishes === undefined) return undefined;
  return isDeepStrictEqual(networkInterfaces.observe(vm, wishes), wishes) ? undefined : wishes;
}

function needsPowerOff(vm: ObservedVm, change: VmChange): boolean {
  const hotCpus = vm.cpuHotAddEnabled && change.numCpus !== undefined && change.numCpus > vm.numCpus;
  const hotMemory = vm.memoryHotAddEnabled && change.memory !== undefined && change.memory > vm.memory;
  return (
    (change.numCpus !== undefined && !hotCpus) ||
    change.numCoresPerSocket !== undefined ||
    (change.memory !== undefined && !hotMemory) ||
    (change.adapters !== undefined && networkInterfaces.needsOff(vm, change.adapters))
  );
}

function changedIn(change: VmChange): string[] {
  return Object.entries(change).flatMap(([key, value]) => (value === undefined ? [] : [key]));
}

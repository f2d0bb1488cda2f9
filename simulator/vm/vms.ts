/** The VMs that are registered on the host, and how they are added and removed. */
import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import { resolveDatastorePath } from "../core/datastore-paths.ts";
import * as ids from "../core/ids.ts";
import type { StoredVm } from "../core/stored.ts";
import { type DatastoreFile, namedFile } from "../datastore/file.ts";
import { deleteChain } from "../disk/chain.ts";
import { deleteDisk } from "../disk/disk.ts";
import type { HostContext } from "../host-context.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import { writeBootOrder } from "./config/boot.ts";
import { writeConfig } from "./config/write.ts";
import { changeDevices, type MadeFiles, type Placed } from "./device/change.ts";
import type { DiskLock } from "./device/context.ts";
import { ethernetNumbers, generateMacs } from "./device/ethernet.ts";
import { lockOf } from "./files/locks.ts";
import { isOwnFile } from "./files/own-files.ts";
import { type Place, placeVm } from "./files/place.ts";
import { newestHardware } from "./hardware-version.ts";
import { locationUuid } from "./identity/location.ts";
import { duplicateName, storedName } from "./identity/names.ts";
import { generateUuid, vmxUuid } from "./identity/uuid.ts";
import { addBridges } from "./pci-bridges.ts";
import { vmReaders } from "./readers.ts";
import { announceSnapshots, forgetSnapshots, readSnapshots } from "./snapshot/snapshot-objects.ts";
import { readersOf, whyUnreadable } from "./unreadable.ts";
import { Vm } from "./vm.ts";
import { Vmx } from "./vmx.ts";

export interface Created {
  readonly vm: Vm;
  readonly devices: readonly Placed[];
}

/** How the host's other parts are involved when VMs are added or removed. */
export interface VmRelations {
  /** The resource pool that a VM is in. */
  readonly poolOf: (moid: string) => ManagedObjectReference;
  /** Pools may hold other VMs now. */
  readonly poolsChanged: () => void;
  /** A VM leaves the inventory. */
  readonly leaves: (vm: Vm) => void;
}

export class Vms {
  readonly #host: HostContext;
  readonly #relations: VmRelations;
  readonly #vms = new Map<string, Vm>();
  /** Names of VMs that are being made. */
  readonly #reserved = new Set<string>();

  constructor(host: HostContext, relations: VmRelations) {
    this.#host = host;
    this.#relations = relations;
  }

  find(moid: string): Vm | undefined {
    return this.#vms.get(moid);
  }

  byName(name: string): Vm | undefined {
    return this.list().find((vm) => vm.name === name);
  }

  list(): readonly Vm[] {
    return [...this.#vms.values()];
  }

  references(): ManagedObjectReference[] {
    return this.list().map((vm) => vm.ref);
  }

  onNetwork(name: string): ManagedObjectReference[] {
    return this.list()
      .filter(
        (vm) => vm.networks.includes(name) && (whyUnreadable(vm)?.tells ?? "everything") === "everything",
      )
      .map((vm) => vm.ref);
  }

  onDatastore(name: string): ManagedObjectReference[] {
    return this.list()
      .filter((vm) => vm.datastores.includes(name))
      .map((vm) => vm.ref);
  }

  /**
   * Makes a VM with its folder, files and disks. If a part fails, everything is removed again.
   *
   * @param importTask the task of the import that makes it, if there is one. It locks the VM. If it fails, the VM is
   * removed
   * @throws VimFault
   */
  async create(spec: VirtualMachineConfigSpec, importTask?: ManagedObjectReference): Promise<Created> {
    if (spec.name === undefined) throw invalidArgument("configSpec.name");
    const name = storedName(spec.name);
    this.checkName(name);
    this.#reserved.add(name);
    try {
      const place = await placeVm(this.#host.datastores, spec.files?.vmPathName, name);
      return await this.#fill(place, spec, importTask);
    } finally {
      this.#reserved.delete(name);
    }
  }

  /** @throws VimFault DuplicateName if another VM has that name */
  checkName(name: string): void {
    const other = this.byName(name);
    if (other) throw duplicateName(name, other.ref);
    if (this.#reserved.has(name)) throw duplicateName(name, ids.VM_FOLDER);
  }

  async #fill(
    place: Place,
    spec: VirtualMachineConfigSpec,
    importTask: ManagedObjectReference | undefined,
  ): Promise<Created> {
    const made: MadeFiles = { disks: [] };
    const { apiVersion } = this.#host.options;
    const vm = new Vm(this.#host, () => this.list(), this.#host.store.nextVmId(), place.vmxFile, new Vmx());
    try {
      const { vmx } = vm;
      vmx.set("virtualHW.version", newestHardware(apiVersion));
      vmx.set("vmci0.present", true);
      vmx.set("floppy0.present", false);
      vmx.set("memSize", 32);
      vmx.set("guestOS", "other");
      writeConfig(vmx, spec, apiVersion);
      const uuid = spec.uuid ?? generateUuid("564d");
      vmx.set("uuid.bios", vmxUuid(uuid));
      vmx.set("uuid.location", locationUuid(this.#host.identity.uuid, vm.vmxFile));
      if (vmx.get("vc.uuid") === undefined) vmx.set("vc.uuid", vmxUuid(generateUuid("52")));
      vmx.set("createDate", new Date().toISOString());
      vmx.set("nvram", `${vm.baseName}.nvram`);
      vmx.set("svga.present", true);
      addBridges(vmx);
      const devices = await changeDevices(vm.deviceContext(vmx), spec.deviceChange ?? [], made);
      if (spec.bootOptions?.bootOrder) writeBootOrder(vmx, spec.bootOptions.bootOrder);
      generateMacs(vmx, vm.uuid);
      vm.importing = importTask !== undefined;
      vm.lockedBy = importTask;
      await vm.vmxFile.datastore.writeFile(`${vm.folder.path}/${vm.baseName}.vmsd`, "");
      await vm.commit(vmx);
      this.#add(vm);
      vm.save();
      return { vm, devices };
    } catch (error) {
      for (const { datastore, path } of made.disks) await deleteDisk(datastore, path).catch(() => undefined);
      await this.#removeFiles(vm);
      if (place.madeFolder) await vm.folder.datastore.remove(vm.folder.path, true).catch(() => undefined);
      throw fileFault(error);
    }
  }

  /** Registers a `.vmx` file on a datastore. @throws VimFault */
  async register(vmxPath: string, name: string | undefined): Promise<Vm> {
    const file = resolveDatastorePath(this.#host.datastores, vmxPath);
    const registered = this.list().find((vm) => vm.vmxPath === file.datastore.datastorePath(file.path));
    if (registered) {
      // The fault names the machine that has it by its id.
      const { moid: taken } = registered;
      throw new VimFault(
        "AlreadyExists",
        `The specified key, name, or identifier '${taken}' already exists.`,
        { name: taken },
      );
    }
    const vm = await this.#open(this.#host.store.nextVmId(), file).catch((error: unknown) =>
      Promise.reject(fileFault(error)),
    );
    // This is no error: the host registers the VM, but cannot work with it.
    if ((vm.vmx.number("virtualHW.version") ?? 0) > newestHardware(this.#host.options.apiVersion))
      vm.unreadable = { state: "invalid" };
    const vmx = vm.vmx.clone();
    if (name !== undefined) vmx.set("displayName", storedName(name));
    if (this.#host.options.behaviour.registeredName === "unique")
      this.checkName(vmx.get("displayName") ?? vm.name);
    if (vm.uuid === "") vmx.set("uuid.bios", vmxUuid(generateUuid("564d")));
    if (vm.instanceUuid === "" && this.#host.options.behaviour.registeredUuid === "made")
      vmx.set("vc.uuid", vmxUuid(generateUuid("52")));
    generateMacs(vmx, vm.uuid);
    await vm.commit(vmx);
    vm.isNew = true;
    this.#add(vm);
    vm.save();
    return vm;
  }

  /** How running VMs use a disk. @param file Its descriptor, or a file with its bytes. */
  lockOf(file: DatastoreFile): DiskLock | undefined {
    return lockOf(this.list(), file);
  }

  /** Removes a VM from the inventory. Its files stay. */
  unregister(vm: Vm): void {
    this.#relations.leaves(vm);
    forgetSnapshots(this.#host.objects, vm);
    this.#vms.delete(vm.moid);
    this.#host.store.removeVm(vm.moid);
    this.#host.objects.remove(vm.ref);
    this.inventoryChanged();
  }

  /**
   * Removes a VM from the inventory and deletes its files. That includes its disks with all their parents, even if
   * other VMs need those.
   */
  async destroy(vm: Vm): Promise<void> {
    const frozen = vm.snapshots.list.flatMap(({ disks }) =>
      disks.map(({ fileName }) => namedFile(this.#host.datastores, vm.vmxFile, fileName)),
    );
    const held = (file: DatastoreFile): boolean => this.lockOf(file) !== undefined;
    for (const file of [...vm.diskFiles(), ...frozen]) {
      if (await file.datastore.exists(file.path)) await deleteChain(this.#host.datastores, file, held);
    }
    await this.#removeFiles(vm);
    this.unregister(vm);
  }

  /** Reads again what an earlier run of the host left. */
  async load(stored: readonly StoredVm[]): Promise<void> {
    for (const one of stored) {
      const file = resolveDatastorePath(this.#host.datastores, one.vmxPath);
      const vm = await this.#open(one.moid, file).catch(() => undefined);
      if (vm === undefined) {
        this.#host.store.removeVm(one.moid);
        continue;
      }
      vm.powerState = one.powerState;
      vm.connected = new Map((one.connected ?? allCards(vm)).map((slot) => [slot, true]));
      vm.bootTime = one.bootTime === undefined ? undefined : new Date(one.bootTime);
      await vm.refresh();
      this.#add(vm);
      if (one.importing) await this.destroy(vm);
    }
  }

  async #open(moid: string, file: DatastoreFile): Promise<Vm> {
    const vmx = Vmx.decode(await file.datastore.readFile(file.path));
    const vm = new Vm(this.#host, () => this.list(), moid, file, vmx);
    vm.snapshots = await readSnapshots(vm);
    return vm;
  }

  #add(vm: Vm): void {
    this.#vms.set(vm.moid, vm);
    this.#host.objects.add({
      ref: vm.ref,
      readers: readersOf(vm, vmReaders(this.#host, vm, this.#relations.poolOf)),
    });
    announceSnapshots(this.#host.objects, vm);
    this.inventoryChanged();
  }

  /** Notifies the listeners that folders, pool, datastores and networks may have other VMs now. */
  inventoryChanged(): void {
    const { objects, datastores, networks } = this.#host;
    objects.changed(ids.VM_FOLDER, "childEntity");
    this.#relations.poolsChanged();
    objects.changed(ids.HOST, "vm");
    for (const datastore of datastores.values())
      objects.changed(ids.datastoreRef(datastore.uuid), "vm", "summary", "info");
    for (const name of networks) objects.changed(ids.networkRef(name), "vm");
  }

  /** Removes the VM's own files that are not disks. The folder too, if nothing else is in it. */
  async #removeFiles(vm: Vm): Promise<void> {
    const { datastore, path } = vm.folder;
    for (const entry of await datastore.list(path).catch(() => [])) {
      if (isOwnFile(vm.baseName, entry.name)) await datastore.remove(`${path}/${entry.name}`);
    }
    const left = await datastore.list(path).catch(() => undefined);
    if (left?.length === 0) await datastore.remove(path);
  }
}

/** The connected adapters of a VM, if an older simulator has not stored them. */
function allCards({ vmx, powerState }: Vm): string[] {
  return powerState === "poweredOn" ? ethernetNumbers(vmx).map((number) => `ethernet${number}`) : [];
}

/** One registered VM: its `.vmx`, its files, its power state, and the task that works on it. */
import type {
  ManagedObjectReference,
  VirtualMachineConfigInfo,
  VirtualMachinePowerState,
} from "../../schema/index.ts";
import { locateDatastorePath, resolveDatastorePath } from "../core/datastore-paths.ts";
import { vmRef } from "../core/ids.ts";
import { type DatastoreFile, hostFile, namedFile, nameFrom } from "../datastore/file.ts";
import { baseName, parentFolder } from "../datastore/path.ts";
import type { HostContext } from "../host-context.ts";
import { biosUuid, instanceUuid, readConfig } from "./config/read-config.ts";
import { slotName, usedSlots } from "./device/bus.ts";
import type { DeviceContext, DiskFacts } from "./device/context.ts";
import { ethernetNumbers } from "./device/ethernet.ts";
import { readDevices } from "./device/read-devices.ts";
import { isDisk } from "./device/virtual-disk.ts";
import { chainFacts } from "./files/disk-facts.ts";
import { readFiles, type VmChains, type VmFile } from "./files/layout.ts";
import { lockOf } from "./files/locks.ts";
import type { GuestSays, GuestStage } from "./guest/guest.ts";
import type { PendingQuestion } from "./power/questions.ts";
import { redundantDisks } from "./snapshot/redundant.ts";
import { NO_SNAPSHOTS, type SnapshotTree } from "./snapshot/tree.ts";
import type { Unreadable } from "./unreadable.ts";
import { Vmx } from "./vmx.ts";

/** Properties of the managed object that are derived from the configuration. */
export const CONFIG_PROPERTIES = [
  "config",
  "name",
  "summary",
  "guest",
  "layoutEx",
  "storage",
  "network",
  "datastore",
  "resourceConfig",
  "snapshot",
  "rootSnapshot",
  "runtime",
];

export class Vm {
  readonly moid: string;
  readonly ref: ManagedObjectReference;
  readonly vmxFile: DatastoreFile;
  readonly #host: HostContext;
  readonly #all: () => readonly Vm[];
  vmx: Vmx;
  powerState: VirtualMachinePowerState = "poweredOff";
  bootTime: Date | undefined;
  guestStage: GuestStage = "off";
  /** The guest's reports and behaviour, if a test wants other ones than usual. */
  guestSays: GuestSays | undefined;
  /** The task that works on this VM now. No other task may. */
  lockedBy: ManagedObjectReference | undefined;
  /** True until the lease of the import that makes it is complete. */
  importing = false;
  /** True from its registration until the host's shell tries to power it on. */
  isNew = false;
  /** The question that it asks a person now. */
  question: PendingQuestion | undefined;
  snapshots: SnapshotTree = NO_SNAPSHOTS;
  /** While it runs: which slots of devices that can be unplugged are connected. */
  connected = new Map<string, boolean>();
  /** True if it has disks that no snapshot needs any more. */
  consolidationNeeded = false;
  /** Set while the host cannot read its files. */
  unreadable: Unreadable | undefined;
  /** Attached disks, as of the last look at the files. */
  ownDisks: readonly DatastoreFile[] = [];
  /** Disks on which the attached ones build. A guest reads them and never writes to them. */
  parentDisks: readonly DatastoreFile[] = [];
  #modified = new Date();
  #changes = 0;
  #disks = new Map<string, DiskFacts>();
  #files: readonly VmFile[] = [];
  #chains: VmChains = { present: [], snapshots: [] };
  #config: VirtualMachineConfigInfo | undefined;

  /** @param all every VM of the host */
  constructor(host: HostContext, all: () => readonly Vm[], moid: string, vmxFile: DatastoreFile, vmx: Vmx) {
    this.#host = host;
    this.#all = all;
    this.moid = moid;
    this.ref = vmRef(moid);
    this.vmxFile = vmxFile;
    this.vmx = vmx;
  }

  get name(): string {
    return this.vmx.get("displayName") ?? "";
  }

  get uuid(): string {
    return biosUuid(this.vmx);
  }

  get instanceUuid(): string {
    return instanceUuid(this.vmx);
  }

  /** `[datastore1] dir/name.vmx` */
  get vmxPath(): string {
    return this.vmxFile.datastore.datastorePath(this.vmxFile.path);
  }

  get folder(): DatastoreFile {
    return { datastore: this.vmxFile.datastore, path: parentFolder(this.vmxFile.path) };
  }

  /** File name of the `.vmx` without its ending. */
  get baseName(): string {
    return baseName(this.vmxFile.path).replace(/\.vmx$/, "");
  }

  get changeVersion(): string {
    return `${this.#modified.toISOString()}-${this.#changes}`;
  }

  get config(): VirtualMachineConfigInfo {
    this.#config ??= this.configOf(this.vmx);
    return this.#config;
  }

  /** The configuration in a `.vmx` of this VM: the present one, or that of a snapshot. */
  configOf(vmx: Vmx): VirtualMachineConfigInfo {
    return readConfig({
      vmx,
      vmxPath: this.vmxPath,
      datastore: { name: this.vmxFile.datastore.name, url: `/vmfs/volumes/${this.vmxFile.datastore.uuid}` },
      devices: readDevices({
        ...this.deviceContext(vmx),
        resolve: (path) => locateDatastorePath(this.#host.datastores, path),
      }),
      modified: this.#modified,
      changeVersion: this.changeVersion,
    });
  }

  /** Its files, as of the last look at them. */
  get files(): readonly VmFile[] {
    return this.#files;
  }

  /** Its disks and those of its snapshots, as of the last look at the files. */
  get chains(): VmChains {
    return this.#chains;
  }

  /** Networks that its adapters are on. */
  get networks(): string[] {
    return this.wantedNetworks.filter((name) => this.#host.networks.includes(name));
  }

  /** Networks that its adapters name, whether the host has them or not. */
  get wantedNetworks(): string[] {
    const names = ethernetNumbers(this.vmx).map(
      (number) => this.vmx.get(`ethernet${number}.networkName`) ?? "",
    );
    return [...new Set(names)];
  }

  /** Names of the datastores that hold its files. */
  get datastores(): string[] {
    const disks = this.diskFiles().map((file) => file.datastore.name);
    return [...new Set([this.vmxFile.datastore.name, ...disks])];
  }

  /** Attached disks. Disks on a volume that the host does not have are left out. */
  diskFiles(): DatastoreFile[] {
    return this.#disksInSlots().map(({ file }) => file);
  }

  #disksInSlots(): { readonly slot: string; readonly file: DatastoreFile }[] {
    return usedSlots(this.vmx)
      .filter((slot) => isDisk(this.vmx, slot))
      .map(slotName)
      .flatMap((slot) => this.#inSlot(slot, this.vmx.get(`${slot}.fileName`) ?? ""));
  }

  /** The disk in a slot. None if it is on a volume that the host does not have. */
  #inSlot(slot: string, fileName: string): { readonly slot: string; readonly file: DatastoreFile }[] {
    const file = this.#find(fileName);
    return file ? [{ slot, file }] : [];
  }

  deviceContext(vmx: Vmx): DeviceContext {
    return {
      vmx,
      folder: this.folder,
      baseName: this.baseName,
      networks: this.#host.networks,
      datastorePath: (name) => {
        const own = hostFile(name);
        if (own) return own.api;
        const file = this.#find(name);
        return file ? file.datastore.datastorePath(file.path) : `[] ${name}`;
      },
      vmxName: (file) => nameFrom(this.vmxFile, file),
      resolve: (path) => resolveDatastorePath(this.#host.datastores, path),
      diskFacts: (path) => this.#disks.get(path),
      powerState: this.powerState,
      hasSnapshots: this.snapshots.list.length > 0,
      connected: this.powerState === "poweredOff" ? undefined : new Map(this.connected),
      volumes: this.#host.datastores,
      lockOf: (file) =>
        lockOf(
          this.#all().filter((vm) => vm !== this),
          file,
        ),
    };
  }

  /** Writes a changed `.vmx` and makes it the VM's. */
  async commit(vmx: Vmx): Promise<void> {
    await this.vmxFile.datastore.writeFile(this.vmxFile.path, vmx.format());
    this.vmx = vmx;
    this.#modified = new Date();
    this.#changes += 1;
    await this.refresh();
  }

  /** Reads the files again, and notifies the listeners. */
  async refresh(): Promise<void> {
    await this.#readDisks();
    this.#files = await readFiles(this, this.#chains);
    this.#config = undefined;
    this.changed(...CONFIG_PROPERTIES);
  }

  /** Reads the `.vmx` again, as somebody may have edited it. @throws DatastoreFileError if it is gone */
  async reload(): Promise<void> {
    this.vmx = Vmx.decode(await this.vmxFile.datastore.readFile(this.vmxFile.path));
    await this.refresh();
  }

  async #readDisks(): Promise<void> {
    const facts = new Map<string, DiskFacts>();
    const chainOf = async (slot: string, file: DatastoreFile) => {
      const chain = await chainFacts(this.#host.datastores, file);
      for (const [path, one] of chain.facts) facts.set(path, one);
      return { slot, files: chain.files };
    };
    const own = this.#disksInSlots();
    const present = await inTurn(own, ({ slot, file }) => chainOf(slot, file));
    const snapshots = await inTurn(this.snapshots.list, async ({ id, disks }) => ({
      id,
      disks: await inTurn(
        disks.flatMap(({ slot, fileName }) => this.#inSlot(slot, fileName)),
        ({ slot, file }) => chainOf(slot, file),
      ),
    }));
    const chains = [...present, ...snapshots.flatMap(({ disks }) => disks)].map(({ files }) => files);
    this.consolidationNeeded = redundantDisks(chains, this.folder).length > 0;
    this.#disks = facts;
    this.#chains = { present, snapshots };
    this.ownDisks = own.map(({ file }) => file);
    this.parentDisks = present.flatMap(({ files }) => files.slice(1));
  }

  /** Notifies the listeners that properties may have changed. */
  changed(...properties: string[]): void {
    this.#host.objects.changed(this.ref, ...properties);
  }

  save(): void {
    this.#host.store.putVm({
      moid: this.moid,
      vmxPath: this.vmxPath,
      powerState: this.powerState,
      bootTime: this.bootTime?.toISOString(),
      importing: this.importing || undefined,
      connected: [...this.connected].flatMap(([slot, isConnected]) => (isConnected ? [slot] : [])),
    });
  }

  /** A file by its name in the `.vmx`. Undefined if it is on a volume that the host does not have. */
  #find(name: string): DatastoreFile | undefined {
    try {
      return namedFile(this.#host.datastores, this.vmxFile, name);
    } catch {
      return undefined;
    }
  }
}

/** One after the other, because each reads files. */
async function inTurn<From, To>(items: readonly From[], read: (item: From) => Promise<To>): Promise<To[]> {
  const done: To[] = [];
  for (const item of items) done.push(await read(item));
  return done;
}

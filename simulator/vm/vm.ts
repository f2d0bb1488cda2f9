/** One registered VM: its `.vmx`, its files, whether it runs, and who is working on it. */
import type {
  ManagedObjectReference,
  VirtualMachineConfigInfo,
  VirtualMachinePowerState,
} from "../../schema/index.ts";
import { baseName, parentFolder } from "../datastore/path.ts";
import { diskCapacity } from "../disk/descriptor.ts";
import { readDescriptor } from "../disk/disk.ts";
import { resolveDatastorePath, resolveVmxName } from "../host/datastore-paths.ts";
import type { Host } from "../host/host.ts";
import { vmRef } from "../host/ids.ts";
import { biosUuid, instanceUuid, readConfig } from "./config-read.ts";
import { slotName, usedSlots } from "./device/bus.ts";
import type { DatastoreFile, DeviceContext, DiskFacts } from "./device/context.ts";
import { isDisk } from "./device/disk.ts";
import { ethernetNumbers } from "./device/ethernet.ts";
import { readDevices } from "./device/read.ts";
import type { GuestStage } from "./guest.ts";
import type { Vmx } from "./vmx.ts";

export interface VmFile {
  /** Datastore path. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
}

/** Properties of the managed object that follow from the configuration. */
const CONFIG_PROPERTIES = [
  "config",
  "name",
  "summary",
  "guest",
  "layoutEx",
  "storage",
  "network",
  "datastore",
  "resourceConfig",
];

export class Vm {
  readonly moid: string;
  readonly ref: ManagedObjectReference;
  readonly vmxFile: DatastoreFile;
  readonly #host: Host;
  vmx: Vmx;
  powerState: VirtualMachinePowerState = "poweredOff";
  bootTime: Date | undefined;
  guestStage: GuestStage = "off";
  /** The task that works on this VM now: no other may. */
  lockedBy: ManagedObjectReference | undefined;
  /** True until the lease of the import that makes it is complete. */
  importing = false;
  #modified = new Date();
  #changes = 0;
  #disks = new Map<string, DiskFacts>();
  #files: readonly VmFile[] = [];
  #config: VirtualMachineConfigInfo | undefined;

  constructor(host: Host, moid: string, vmxFile: DatastoreFile, vmx: Vmx) {
    this.#host = host;
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
    this.#config ??= readConfig({
      vmx: this.vmx,
      vmxPath: this.vmxPath,
      datastore: { name: this.vmxFile.datastore.name, url: `/vmfs/volumes/${this.vmxFile.datastore.uuid}` },
      devices: readDevices(this.deviceContext(this.vmx)),
      modified: this.#modified,
      changeVersion: this.changeVersion,
    });
    return this.#config;
  }

  /** Files of the VM's folder. */
  get files(): readonly VmFile[] {
    return this.#files;
  }

  get networks(): string[] {
    const names = ethernetNumbers(this.vmx).map(
      (number) => this.vmx.get(`ethernet${number}.networkName`) ?? "",
    );
    return [...new Set(names)].filter((name) => this.#host.networks.includes(name));
  }

  /** Names of the datastores that hold its files. */
  get datastores(): string[] {
    const disks = this.diskFiles().map((file) => file.datastore.name);
    return [...new Set([this.vmxFile.datastore.name, ...disks])];
  }

  /** Attached disks. */
  diskFiles(): DatastoreFile[] {
    return usedSlots(this.vmx)
      .filter((slot) => isDisk(this.vmx, slot))
      .map((slot) => this.#resolve(this.vmx.get(`${slotName(slot)}.fileName`) ?? ""));
  }

  deviceContext(vmx: Vmx): DeviceContext {
    return {
      vmx,
      folder: this.folder,
      baseName: this.baseName,
      networks: this.#host.networks,
      datastorePath: (name) => {
        const file = this.#resolve(name);
        return file.datastore.datastorePath(file.path);
      },
      vmxName: (file) =>
        file.datastore === this.folder.datastore && parentFolder(file.path) === this.folder.path
          ? baseName(file.path)
          : `/vmfs/volumes/${file.datastore.uuid}/${file.path}`,
      resolve: (path) => resolveDatastorePath(this.#host.datastores, path),
      diskFacts: (path) => this.#disks.get(path),
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

  /** Looks at the files again, and tells who listens. */
  async refresh(): Promise<void> {
    const disks = new Map<string, DiskFacts>();
    for (const file of this.diskFiles()) {
      const facts = await diskFacts(file);
      if (facts) disks.set(file.datastore.datastorePath(file.path), facts);
    }
    this.#disks = disks;
    const { datastore, path } = this.folder;
    const entries = await datastore.list(path).catch(() => []);
    this.#files = entries
      .filter((entry) => entry.kind === "file")
      .map((entry) => ({ ...entry, name: datastore.datastorePath(`${path}/${entry.name}`) }));
    this.#config = undefined;
    this.changed(...CONFIG_PROPERTIES);
  }

  /** Tells who listens that properties may have changed. */
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
    });
  }

  #resolve(name: string): DatastoreFile {
    return resolveVmxName(this.#host.datastores, this.folder, name);
  }
}

async function diskFacts(file: DatastoreFile): Promise<DiskFacts | undefined> {
  const descriptor = await readDescriptor(file.datastore, file.path).catch(() => undefined);
  if (descriptor === undefined) return undefined;
  return {
    capacityBytes: diskCapacity(descriptor),
    thin: descriptor.thin,
    uuid: descriptor.uuid,
    eagerZeroed: descriptor.eagerZeroed,
    parent: undefined,
  };
}

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { datastoreOf } from "../../../provider/host/datastore/datastore-path.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import type {
  ManagedObjectReference,
  VirtualDevice,
  VirtualDeviceConfigSpec,
  VirtualDisk,
  VirtualMachineConfigSpec,
} from "../../../schema/index.ts";
import type { Lab } from "./lab.ts";

const KEY = -100;
const MIB_IN_KB = 1024;

type Disk = "new" | { readonly attach: string } | { readonly on: string };

/** A colleague who works at the same host with a client of his own, and knows nothing of Pulumi. */
export class Stranger {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** A machine with disks: new ones of a mebibyte, or those that are given, attached or to build on. */
  async vm(name: string, disks: readonly Disk[] = ["new"], place = "[datastore1]"): Promise<void> {
    const controller = create("VirtualLsiLogicController", {
      key: KEY,
      busNumber: 0,
      sharedBus: "noSharing",
    });
    const config = create("VirtualMachineConfigSpec", {
      name,
      guestId: "otherGuest64",
      numCPUs: 1,
      memoryMB: 64,
      files: create("VirtualMachineFileInfo", { vmPathName: place }),
      deviceChange: [
        create("VirtualDeviceConfigSpec", { operation: "add", device: controller }),
        ...disks.map((disk, unit) => this.#disk(disk, KEY, unit, `[${datastoreOf(place)}]`)),
      ],
    });
    const { vmFolder, rootPool } = await this.#lab.host.facts();
    await this.#task(() => this.#lab.host.client.call(vmFolder, "CreateVM_Task", { config, pool: rootPool }));
  }

  /** Puts a disk that exists into a machine. */
  attach(name: string, path: string, controllerKey = 1000, unit = 9): Promise<void> {
    return this.#reconfigure(name, { deviceChange: [this.#disk({ attach: path }, controllerKey, unit)] });
  }

  /** Puts an image into a new CD drive of a machine. */
  mount(name: string, image: string): Promise<void> {
    const device = create("VirtualCdrom", {
      key: KEY,
      controllerKey: 200,
      unitNumber: 0,
      backing: create("VirtualCdromIsoBackingInfo", { fileName: image }),
      connectable: create("VirtualDeviceConnectInfo", {
        startConnected: true,
        allowGuestControl: true,
        connected: true,
      }),
    });
    return this.#reconfigure(name, {
      deviceChange: [create("VirtualDeviceConfigSpec", { operation: "add", device })],
    });
  }

  /** Whether a machine has a disk on that unit of its first controller, or has no such controller. */
  hasUnit(name: string, unit: number): boolean {
    const devices = this.#lab.raw.vm(name).config.hardware.device ?? [];
    if (!devices.some(({ key }) => key === 1000)) return true;
    return devices.some((device) => device.controllerKey === 1000 && device.unitNumber === unit);
  }

  /** Takes a disk out of a machine; its files stay. */
  detach(name: string, path: string): Promise<void> {
    const device = this.#disks(name).find((disk) => fileOf(disk) === path) as VirtualDevice;
    return this.#reconfigure(name, {
      deviceChange: [create("VirtualDeviceConfigSpec", { operation: "remove", device })],
    });
  }

  async snapshot(name: string, called = "mine"): Promise<void> {
    const wish = { name: called, description: "", memory: false, quiesce: false };
    await this.#task(() => this.#lab.host.client.call(this.#ref(name), "CreateSnapshot_Task", wish));
  }

  async removeSnapshots(name: string): Promise<void> {
    await this.#task(() => this.#lab.host.client.call(this.#ref(name), "RemoveAllSnapshots_Task", {}));
  }

  /** Copies a disk by hand; the copy has the identity of the first. */
  async copyDisk(from: string, to: string): Promise<string> {
    const manager = (await this.#lab.host.facts()).content.virtualDiskManager as ManagedObjectReference;
    const { client } = this.#lab.host;
    const names = { sourceName: from, destName: to };
    await this.#task(() => client.call(manager, "CopyVirtualDisk_Task", names));
    const uuid = await client.call(manager, "QueryVirtualDiskUuid", { name: from });
    await client.call(manager, "SetVirtualDiskUuid", { name: to, uuid });
    return to;
  }

  /** Datastore paths of a machine's disks, in the order of their units. */
  diskPaths(name: string): string[] {
    return this.#disks(name).map(fileOf);
  }

  /** The digest of every file whose path begins so, by its path: what must be the same afterwards. */
  async digests(starts: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const { files } = await this.#lab.raw.contents();
    const own = files.filter((file) => starts.some((start) => file.startsWith(start)));
    return await this.digestsOf(own.filter((file) => !file.endsWith("/")));
  }

  /**
   * The digest of each of those files that is there.
   * @param bases Disks that nobody may have opened to write to. Default: all.
   */
  async digestsOf(
    files: readonly string[],
    bases?: ReadonlySet<string>,
  ): Promise<Readonly<Record<string, string>>> {
    const there = new Set((await this.#lab.raw.contents()).files);
    const digests = files
      .filter((file) => there.has(file))
      .map(async (file): Promise<[string, string]> => {
        const bytes = await readFile(this.#lab.raw.simulator.localFile(file));
        const isDisk = file.endsWith(".vmdk") && bytes.toString("latin1", 0, 21) === "# Disk DescriptorFile";
        // A host marks a disk so when somebody runs with it.
        const content =
          isDisk && bases?.has(file) === false ? bytes.toString("latin1").replace(/^CID=.*$/m, "") : bytes;
        return [file, createHash("sha256").update(content).digest("hex")];
      });
    return Object.fromEntries(await Promise.all(digests));
  }

  /** @param home Where a new one goes. */
  #disk(disk: Disk, controllerKey: number, unit: number, home = "[datastore1]"): VirtualDeviceConfigSpec {
    const mode = { diskMode: "persistent" };
    const flat = (rest: { readonly fileName: string }) =>
      create("VirtualDiskFlatVer2BackingInfo", { ...mode, ...rest });
    const isNew = disk === "new";
    const link = !isNew && "on" in disk && { parent: flat({ fileName: disk.on }) };
    const backing = create("VirtualDiskFlatVer2BackingInfo", {
      ...mode,
      fileName: fileNameOf(disk, home),
      ...(isNew && { thinProvisioned: true }),
      ...link,
    });
    const device = create("VirtualDisk", {
      key: KEY - 1 - unit,
      controllerKey,
      unitNumber: unit,
      capacityInKB: isNew ? MIB_IN_KB : 0,
      backing,
    });
    const makes = isNew || link !== false;
    return create("VirtualDeviceConfigSpec", {
      operation: "add",
      ...(makes && { fileOperation: "create" as const }),
      device,
    });
  }

  #disks(name: string): VirtualDisk[] {
    const devices = this.#lab.raw.vm(name).config.hardware.device ?? [];
    return devices.filter(({ $type }) => $type === "VirtualDisk") as VirtualDisk[];
  }

  #ref(name: string): ManagedObjectReference {
    return { type: "VirtualMachine", value: this.#lab.raw.vm(name).moid };
  }

  async #reconfigure(name: string, spec: VirtualMachineConfigSpec): Promise<void> {
    await this.#lab.raw.simulator.behindBack.reconfigure(this.#lab.raw.vm(name).moid, spec);
  }

  async #task(start: () => Promise<ManagedObjectReference>): Promise<void> {
    const { updates } = this.#lab.host.client;
    await updates.waitForTask(await start(), { signal: new AbortController().signal });
  }
}

/** Of what is made the datastore alone: the host finds a name in the machine's folder. */
function fileNameOf(disk: Disk, home: string): string {
  if (disk === "new") return home;
  return "attach" in disk ? disk.attach : disk.on.replace(/\].*/, "]");
}

const fileOf = ({ backing }: VirtualDisk): string =>
  backing !== undefined && "fileName" in backing ? String(backing.fileName) : "";

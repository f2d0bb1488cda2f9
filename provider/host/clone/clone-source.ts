import type {
  ManagedObjectReference,
  VirtualDevice,
  VirtualDisk,
  VirtualMachineConfigInfo,
  VirtualMachineFileLayoutEx,
  VirtualMachineSnapshotTree,
} from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import { SERVES } from "../../vim/tuning.ts";
import { baseName, type DatastorePath, folderOf, parseDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { CALLED, keyOf, theOneCalled, type VmKey } from "../inventory/vm-by-key.ts";
import { Answers, perHost } from "../per-host.ts";
import { disksAmong } from "../vm/reading/disk-chain.ts";
import { canBeRead, type ObservedVm } from "../vm/reading/observed-vm.ts";
import { decodeVmName } from "../vm/reading/vm-name.ts";

/** A virtual machine of which copies are made. */
export interface CloneSource {
  readonly ref: ManagedObjectReference;
  readonly name: string;
  readonly instanceUuid: string;
  readonly vmxPath: DatastorePath;
  readonly powerState: ObservedVm["powerState"];
  readonly config: VirtualMachineConfigInfo;
  readonly devices: readonly VirtualDevice[];
  readonly disks: readonly VirtualDisk[];
  /** All files of the machine, as the host spells them. */
  readonly files: readonly string[];
  /** Undefined if the machine was never powered on. */
  readonly nvram: DatastorePath | undefined;
  /** Names of its snapshots. */
  readonly snapshots: readonly string[];
}

/** One read serves the other clones of the same machine that begin now. */
const reads = perHost(() => new Answers<CloneSource>(SERVES.cloneSourceMs));

/**
 * The machine to clone.
 * @param source Its instance UUID, its name, or the datastore path of its .vmx file.
 * @throws HostError if there is none, or several.
 */
export function findCloneSource(host: EsxiHost, source: string): Promise<CloneSource> {
  return reads(host).get(source, (before) =>
    before ? readAgain(host, source, before) : readSource(host, source),
  );
}

/** The same machine, read anew. */
export async function readCloneSource(host: EsxiHost, ref: ManagedObjectReference): Promise<CloneSource> {
  const found = await retrieveOne(host.client, ref, "VirtualMachine", [
    "name",
    "config",
    "layoutEx",
    "snapshot",
    "runtime.powerState",
    "runtime.connectionState",
  ]);
  const { config } = found;
  const name = decodeVmName(found.name ?? "");
  if (config === undefined || !canBeRead(found["runtime.connectionState"])) {
    await host.vms.byReference(ref);
    throw new HostError(
      `${host.name} does not show the configuration of "${name}", so it cannot be cloned. Nothing was created.`,
    );
  }
  const vmxPath = parseDatastorePath(config.files.vmPathName ?? "");
  const devices = config.hardware.device ?? [];
  return {
    ref,
    name,
    instanceUuid: config.instanceUuid ?? "",
    vmxPath,
    powerState: found["runtime.powerState"] ?? "poweredOff",
    config,
    devices,
    disks: disksAmong(devices),
    files: (found.layoutEx?.file ?? []).map(({ name: file }) => file),
    nvram: nvramOf(found.layoutEx),
    snapshots: flat(found.snapshot?.rootSnapshotList).map((snapshot) => snapshot.name),
  };
}

async function readSource(host: EsxiHost, source: string): Promise<CloneSource> {
  return readCloneSource(host, await resolve(host, source));
}

/** A machine that an identity has named before is looked up in the place where it was then. */
async function readAgain(host: EsxiHost, source: string, before: Promise<CloneSource>): Promise<CloneSource> {
  if (keyOf(source) !== "instanceUuid") return readSource(host, source);
  try {
    const again = await readCloneSource(host, (await before).ref);
    if (again.instanceUuid.toLowerCase() === source.toLowerCase()) return again;
  } catch (error) {
    if (!isFault(error, "ManagedObjectNotFound")) throw error;
  }
  return readSource(host, source);
}

async function resolve(host: EsxiHost, source: string): Promise<ManagedObjectReference> {
  const key = keyOf(source);
  if (key !== "vmxPath") {
    const entries = await host.vms.entries();
    const byUuid = entries.filter(({ instanceUuid }) => instanceUuid?.toLowerCase() === source.toLowerCase());
    const byName = entries.filter(({ encodedName }) => decodeVmName(encodedName) === source);
    const found = byUuid.length > 0 ? byUuid : byName;
    if (found[0] && found.length === 1) return found[0].ref;
    // A name can look like an instance UUID while the machine has another one.
    if (found[0] && byUuid.length === 0) return calledSo(host, "name", source);
  }
  return calledSo(host, key, source);
}

/** @throws HostError as {@link theOneCalled} */
async function calledSo(host: EsxiHost, key: VmKey, source: string): Promise<ManagedObjectReference> {
  const vm = theOneCalled(host.name, await host.vms.inventory(), [key, source], {
    none: (instead) =>
      new HostError(
        `${host.name} has no virtual machine "${source}" to clone: ${instead}. Nothing was created.`,
      ),
    several: (paths) =>
      new HostError(
        `${host.name} has ${paths.length} virtual machines ${CALLED[key]} "${source}": ${paths.join(", ")}. ` +
          "Say which one to clone by the path of its .vmx file. Nothing was created.",
      ),
  });
  return vm.ref;
}

function nvramOf(layout: VirtualMachineFileLayoutEx | undefined): DatastorePath | undefined {
  const file = layout?.file?.find(({ type }) => type === "nvram");
  return file && parseDatastorePath(file.name);
}

/** All snapshots of a tree. */
export function flat(trees: readonly VirtualMachineSnapshotTree[] | undefined): VirtualMachineSnapshotTree[] {
  return (trees ?? []).flatMap((tree) => [tree, ...flat(tree.childSnapshotList)]);
}

/** The folder of a virtual machine's files, and the name that they share. */
export function homeOf(vmxPath: DatastorePath): { readonly folder: DatastorePath; readonly base: string } {
  return { folder: folderOf(vmxPath), base: baseName(vmxPath) };
}

/** The snapshots of a VM, and the `.vmsd` file that stores them. */
import type { VirtualMachinePowerState } from "../../../schema/index.ts";
import { Vmx } from "../vmx.ts";

/** A disk in the state of the snapshot. Nothing writes to it any more. */
interface FrozenDisk {
  /** `scsi0:0` */
  readonly slot: string;
  /** The name in the `.vmx`. */
  readonly fileName: string;
}

export interface Snapshot {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly created: Date;
  readonly parent: number | undefined;
  /** The power state after a revert. It is on only if the memory was kept. */
  readonly powerState: VirtualMachinePowerState;
  readonly quiesced: boolean;
  readonly disks: readonly FrozenDisk[];
  /** File name of the `.vmsn`. */
  readonly file: string;
  /** The `.vmx` at the time of the snapshot. */
  readonly vmx: Vmx;
}

export interface SnapshotTree {
  /** The snapshot on which the VM's present state is based. */
  readonly current: number | undefined;
  readonly lastId: number;
  readonly list: readonly Snapshot[];
}

export const NO_SNAPSHOTS: SnapshotTree = { current: undefined, lastId: 0, list: [] };

/** The text of the `.vmsd`. */
export function formatTree(tree: SnapshotTree): string {
  const vmsd = new Vmx();
  if (tree.lastId === 0) return "";
  vmsd.set("snapshot.lastUID", tree.lastId);
  if (tree.current !== undefined) vmsd.set("snapshot.current", tree.current);
  tree.list.forEach((snapshot, index) => {
    const key = `snapshot${index}`;
    const micros = BigInt(snapshot.created.getTime()) * 1000n;
    vmsd.set(`${key}.uid`, snapshot.id);
    vmsd.set(`${key}.filename`, snapshot.file);
    if (snapshot.parent !== undefined) vmsd.set(`${key}.parent`, snapshot.parent);
    vmsd.set(`${key}.displayName`, snapshot.name);
    vmsd.set(`${key}.description`, snapshot.description);
    vmsd.set(`${key}.type`, snapshot.powerState === "poweredOn" ? 1 : 0);
    if (snapshot.quiesced) vmsd.set(`${key}.quiesced`, true);
    vmsd.set(`${key}.createTimeHigh`, String(micros >> 32n));
    vmsd.set(`${key}.createTimeLow`, String(BigInt.asIntN(32, micros)));
    vmsd.set(`${key}.numDisks`, snapshot.disks.length);
    snapshot.disks.forEach(({ slot, fileName }, disk) => {
      vmsd.set(`${key}.disk${disk}.fileName`, fileName);
      vmsd.set(`${key}.disk${disk}.node`, slot);
    });
  });
  vmsd.set("snapshot.numSnapshots", tree.list.length);
  return vmsd.format();
}

/** @param vmxOf reads the `.vmx` in a `.vmsn` */
export async function parseTree(
  bytes: Uint8Array,
  vmxOf: (file: string) => Promise<Vmx>,
): Promise<SnapshotTree> {
  const vmsd = Vmx.decode(bytes);
  const list: Snapshot[] = [];
  for (let index = 0; index < (vmsd.number("snapshot.numSnapshots") ?? 0); index++) {
    const key = `snapshot${index}`;
    const file = vmsd.get(`${key}.filename`) ?? "";
    const high = BigInt(vmsd.number(`${key}.createTimeHigh`) ?? 0);
    const low = BigInt(vmsd.number(`${key}.createTimeLow`) ?? 0);
    list.push({
      id: vmsd.number(`${key}.uid`) ?? 0,
      name: vmsd.get(`${key}.displayName`) ?? "",
      description: vmsd.get(`${key}.description`) ?? "",
      created: new Date(Number(((high << 32n) | BigInt.asUintN(32, low)) / 1000n)),
      parent: vmsd.number(`${key}.parent`),
      powerState: vmsd.number(`${key}.type`) === 1 ? "poweredOn" : "poweredOff",
      quiesced: vmsd.flag(`${key}.quiesced`),
      disks: Array.from({ length: vmsd.number(`${key}.numDisks`) ?? 0 }, (_, disk) => ({
        slot: vmsd.get(`${key}.disk${disk}.node`) ?? "",
        fileName: vmsd.get(`${key}.disk${disk}.fileName`) ?? "",
      })),
      file,
      vmx: await vmxOf(file),
    });
  }
  return { current: vmsd.number("snapshot.current"), lastId: vmsd.number("snapshot.lastUID") ?? 0, list };
}

/** A snapshot and all that were made after it. */
export function withDescendants(tree: SnapshotTree, id: number): number[] {
  const children = tree.list.filter((one) => one.parent === id);
  return [id, ...children.flatMap((child) => withDescendants(tree, child.id))];
}

/** How many snapshots lead to the VM's present state. */
export function depthOf({ current, list }: SnapshotTree): number {
  let depth = 0;
  for (let at = current; at !== undefined && depth <= list.length; depth++)
    at = list.find(({ id }) => id === at)?.parent;
  return depth;
}

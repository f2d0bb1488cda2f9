/** What device code needs to know of the VM it is for. */
import type { VirtualMachinePowerState } from "../../../schema/index.ts";
import type { DatastoreFile, Volumes } from "../../datastore/file.ts";
import type { Vmx } from "../vmx.ts";

export type DiskLock = "exclusive" | "shared";

/** What the descriptor of an attached disk says. */
export interface DiskFacts {
  readonly capacityBytes: number;
  readonly thin: boolean;
  readonly uuid: string;
  readonly eagerZeroed: boolean;
  /** CID of the descriptor. */
  readonly contentId: string;
  readonly isDelta: boolean;
  /** How a raw device is mapped, if the disk is one. */
  readonly rawMapping: "virtualMode" | "physicalMode" | undefined;
  /** For a format that hosts attach and do not run: whether it is split into several files. */
  readonly hosted: { readonly split: boolean } | undefined;
  /** Datastore path of the parent of a delta disk, if it is there. */
  readonly parent: string | undefined;
}

export interface DeviceContext {
  readonly vmx: Vmx;
  /** The VM's folder. */
  readonly folder: DatastoreFile;
  /** File name without ending of the `.vmx`: what files of the VM are named after. */
  readonly baseName: string;
  /** Datastore path of a file as the `.vmx` names it: beside it, or below `/vmfs/volumes`. */
  datastorePath(fileName: string): string;
  /** The reverse: how the `.vmx` names a file. */
  vmxName(file: DatastoreFile): string;
  /** @throws VimFault InvalidDatastorePath */
  resolve(datastorePath: string): DatastoreFile;
  diskFacts(datastorePath: string): DiskFacts | undefined;
  readonly volumes: Volumes;
  /** What running VMs do with a disk: one writes to it, or some read it as the parent of theirs. */
  lockOf(file: DatastoreFile): DiskLock | undefined;
  readonly networks: readonly string[];
  readonly powerState: VirtualMachinePowerState;
  readonly hasSnapshots: boolean;
  /** Of a running VM, which slots of devices that can be unplugged are plugged in; undefined of one that is off. */
  readonly connected: Map<string, boolean> | undefined;
}

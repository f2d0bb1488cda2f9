import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { retrieveMany } from "../../../vim/reads/property-collector.ts";
import type { VimCaller } from "../../../vim/soap/caller.ts";
import { UnreadableError } from "../../unreadable-error.ts";
import { decodeVmName } from "./vm-name.ts";

/**
 * A virtual machine that its host has in its inventory and cannot read now. It is not gone: its files, networks and
 * disks may be in use. Once the host can read it again, it is what it was.
 */
export interface UnreadableVm {
  readonly moid: string;
  /** As people see it. Some hosts tell the path of its .vmx file instead, or nothing of use. */
  readonly name: string;
  /**
   * `inaccessible`, `invalid` or `orphaned`. Also `connected`, where the host only does not tell its configuration.
   */
  readonly connectionState: string;
  /**
   * Undefined where the host does not tell it, as are the two below. The name of the datastore in it may be empty:
   * `[] /vmfs/volumes/…`.
   */
  readonly vmxPath: string | undefined;
  readonly instanceUuid: string | undefined;
  /** The files of the machine. If undefined, any file may be one of them. */
  readonly files: readonly string[] | undefined;
}

const PATHS = ["name", "runtime.connectionState", "summary.config", "layoutEx.file"] as const;

/**
 * What the host still tells of machines that it cannot read. Machines that it does not have any more are left out.
 */
export async function readUnreadable(
  caller: VimCaller,
  refs: readonly ManagedObjectReference[],
): Promise<readonly UnreadableVm[]> {
  if (refs.length === 0) return [];
  const found = await retrieveMany(caller, refs, "VirtualMachine", PATHS);
  return found.map(({ ref, properties }) => {
    const summary = properties["summary.config"];
    return {
      moid: ref.value,
      name: decodeVmName(properties.name || summary?.name || ""),
      connectionState: properties["runtime.connectionState"] ?? "connected",
      vmxPath: summary?.vmPathName || undefined,
      instanceUuid: summary?.instanceUuid || undefined,
      files: properties["layoutEx.file"]?.map(({ name }) => name),
    };
  });
}

/** Thrown where a machine is needed that the host has and cannot read now. */
export class UnreadableVmError extends UnreadableError {
  override name = "UnreadableVmError";

  /** @param what How the message calls the machine, where that is not the host's own name of it. */
  constructor(hostName: string, vm: UnreadableVm, what = `"${vm.name}"`) {
    super(
      `${hostName} has ${what} in its inventory (${placeOf(vm)}), but cannot read it now: ${reasonOf(vm)}. ` +
        "It is not gone, and nothing was changed. Make it readable again, then run the same once more; if it is lost " +
        "for good, unregister it in the host's client.",
    );
  }
}

/** `id 12, [nfs] vm/vm.vmx` */
export function placeOf({ moid, vmxPath }: Pick<UnreadableVm, "moid" | "vmxPath">): string {
  return vmxPath === undefined ? `id ${moid}` : `id ${moid}, ${vmxPath}`;
}

/** Why it cannot be read, for messages. */
export function reasonOf({ connectionState }: UnreadableVm): string {
  switch (connectionState) {
    case "inaccessible":
      return 'it is "inaccessible", its datastore or share may be away';
    case "invalid":
      return 'it is "invalid", its .vmx file may be damaged or locked';
    case "connected":
      return "the host does not tell its configuration";
    default:
      return `it is "${connectionState}"`;
  }
}

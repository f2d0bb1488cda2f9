/** A VM in the host's inventory whose files the host cannot read: its share is away, or its `.vmx` is damaged. */
import type { VirtualMachineConfigSummary } from "../../schema/index.ts";
import type { PropertyReaders } from "../core/objects.ts";
import { type DatastoreFile, volumePath } from "../datastore/file.ts";
import { VimFault } from "../soap/fault.ts";

export interface Unreadable {
  readonly state: "inaccessible" | "invalid" | "orphaned";
  /**
   * How much the host still shows of it. `everything`: all of its summary. `path`: only the path of its `.vmx`, without
   * a datastore, and as its name too. `nothing`. Default `everything`.
   */
  readonly tells?: "everything" | "path" | "nothing" | undefined;
}

/** The part of a VM that matters for reading its files. */
interface Readable {
  readonly unreadable: Unreadable | undefined;
  readonly vmxFile: DatastoreFile;
  readonly name: string;
}

/** Why a VM cannot be read now. Undefined if it can. */
export function whyUnreadable(vm: Readable): Unreadable | undefined {
  if (vm.unreadable !== undefined) return vm.unreadable;
  const { accessible, mounted } = vm.vmxFile.datastore;
  if (!mounted) return { state: "inaccessible", tells: "path" };
  return accessible ? undefined : { state: "inaccessible" };
}

/** @throws VimFault InvalidState if the host cannot read the VM's files */
export function checkReadable(vm: Readable): void {
  if (whyUnreadable(vm) === undefined) return;
  throw new VimFault("InvalidState", "The operation is not allowed in the current state.");
}

const NOT_TOLD = ["config", "layoutEx", "storage", "resourceConfig", "guest", "snapshot", "rootSnapshot"];

/** The properties of a VM. An unreadable one has only some of them. */
export function readersOf(vm: Readable, readable: PropertyReaders): PropertyReaders {
  const told = (name: string, read: PropertyReaders[string]): PropertyReaders[string] => {
    return (reader) => {
      const why = whyUnreadable(vm);
      if (why === undefined) return read(reader);
      const { state, tells = "everything" } = why;
      if (NOT_TOLD.includes(name)) return undefined;
      if (name === "network" && tells !== "everything") return [];
      if (name === "name") return nameOf(vm, tells);
      const value = read(reader);
      if (name === "runtime") return { ...(value as object), connectionState: state };
      if (name !== "summary") return value;
      const {
        runtime,
        config,
        storage: _,
        ...rest
      } = value as {
        readonly runtime: object;
        readonly config: VirtualMachineConfigSummary;
        readonly storage: unknown;
      };
      return {
        ...rest,
        runtime: { ...runtime, connectionState: state },
        config: summaryOf(vm, config, tells),
      };
    };
  };
  return Object.fromEntries(Object.entries(readable).map(([name, read]) => [name, told(name, read)]));
}

function nameOf(vm: Readable, tells: NonNullable<Unreadable["tells"]>): string {
  if (tells === "everything") return vm.name;
  return tells === "path" ? volumePath(vm.vmxFile) : "Unknown";
}

function summaryOf(
  vm: Readable,
  config: VirtualMachineConfigSummary,
  tells: NonNullable<Unreadable["tells"]>,
): VirtualMachineConfigSummary {
  if (tells === "everything") return config;
  const { template } = config;
  return tells === "path"
    ? { template, name: volumePath(vm.vmxFile), vmPathName: `[] ${volumePath(vm.vmxFile)}` }
    : { template, name: "Unknown", vmPathName: "" };
}

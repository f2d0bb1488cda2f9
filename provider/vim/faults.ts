import type { ManagedObjectReference, VimTypes } from "../../schema/index.ts";
import { isSubtype } from "../../schema/index.ts";

/** The detail of a fault as a host sends it: its concrete type, with the properties of that type. */
export interface FaultDetail {
  readonly $type: string;
  readonly [property: string]: unknown;
}

export interface VimFaultOptions {
  /** The host as the user named it. */
  readonly host: string;
  /** The vim25 method that was called. */
  readonly method: string;
  readonly fault: FaultDetail;
  /** The host's own message. It may be empty. */
  readonly hostMessage: string;
}

/**
 * The host understood the call and refused it, or failed to carry it out. Every vim25 call may throw it. If the host
 * could not be reached, or gave no SOAP answer, that is a TransportError.
 */
export class VimFault extends Error {
  override readonly name: string = "VimFault";
  readonly host: string;
  readonly method: string;
  readonly fault: FaultDetail;
  readonly hostMessage: string;

  constructor(options: VimFaultOptions, message?: string) {
    super(message ?? `${options.host}: ${options.method} failed: ${describeFault(options)}`);
    this.host = options.host;
    this.method = options.method;
    this.fault = options.fault;
    this.hostMessage = options.hostMessage;
  }

  /** The vim25 type of the fault, as `FileAlreadyExists`. */
  get faultType(): string {
    return this.fault.$type;
  }

  /** True if the fault is of that vim25 type or a subtype. */
  is(type: string): boolean {
    return isSubtype(this.faultType, type);
  }

  /** The fault's properties if it is of that type, otherwise undefined. A host may leave out any of them. */
  detail<K extends keyof VimTypes>(type: K): Partial<VimTypes[K]> | undefined {
    return isFaultOf(this.fault, type) ? this.fault : undefined;
  }
}

export interface TaskFaultOptions extends VimFaultOptions {
  readonly task: ManagedObjectReference;
  /** Name of the object that the task worked on, usually a VM's. Undefined if the host did not say. */
  readonly entityName: string | undefined;
}

/** A task ended in the state `error`. Its `method` is the operation, such as `VirtualMachine.powerOn`. */
export class TaskFault extends VimFault {
  override readonly name = "TaskFault";
  readonly task: ManagedObjectReference;
  readonly entityName: string | undefined;

  constructor(options: TaskFaultOptions) {
    const on = options.entityName ? ` on "${options.entityName}"` : "";
    super(options, `${options.host}: ${options.method}${on} failed: ${describeFault(options)}`);
    this.task = options.task;
    this.entityName = options.entityName;
  }
}

/** True if the error is a fault of that vim25 type, from a call or from a task. */
export function isFault(error: unknown, type: string): error is VimFault {
  return error instanceof VimFault && error.is(type);
}

/** The object in a ManagedObjectNotFound fault, otherwise undefined. */
export function goneObject(error: unknown): ManagedObjectReference | undefined {
  return isFault(error, "ManagedObjectNotFound") ? error.detail("ManagedObjectNotFound")?.obj : undefined;
}

function isFaultOf<K extends keyof VimTypes>(
  fault: FaultDetail,
  type: K,
): fault is FaultDetail & VimTypes[K] {
  return isSubtype(fault.$type, type);
}

function describeFault({ fault, hostMessage }: VimFaultOptions): string {
  const said = hostMessage.trim().replace(/\s+/g, " ");
  const words =
    said === "" || said === fault.$type ? [fault.$type] : [said.replace(/\.$/, ""), `(${fault.$type})`];
  for (const key of ["faultMessage", "reason", "file", "invalidProperty", "name"]) {
    const text = detailText(fault[key]);
    if (text !== "" && !said.includes(text)) words.push(`– ${text}`);
  }
  return words.join(" ");
}

function detailText(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (!Array.isArray(value)) return "";
  const messages = value.map((entry: { message?: unknown } | undefined) => entry?.message);
  return messages.filter((message) => typeof message === "string" && message !== "").join("; ");
}

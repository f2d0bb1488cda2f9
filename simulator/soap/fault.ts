/** Faults in the form of a host: a typed detail, and the sentence that ESXi prints. */
import type { DataObject, LocalizedMethodFault } from "../../schema/index.ts";

export interface FaultDetail extends DataObject {
  readonly $type: string;
  readonly [property: string]: unknown;
}

/** The error that a method throws, or with which a task ends. */
export class VimFault extends Error {
  override name = "VimFault";
  readonly detail: FaultDetail;

  /** @param type WSDL name of the fault, for example `InvalidPowerState` */
  constructor(type: string, message: string, properties: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.detail = { $type: type, ...properties };
  }

  get type(): string {
    return this.detail.$type;
  }

  /** The same fault as the value of a property: a task's error, a lease's error, a missing property. */
  localized(): LocalizedMethodFault {
    return { $type: "LocalizedMethodFault", fault: this.detail, localizedMessage: this.message };
  }
}

/**
 * Any error as a fault. An error that is no fault is a bug of the simulator, and hosts report such a bug as
 * SystemError.
 */
export function asFault(error: unknown): VimFault {
  if (error instanceof VimFault) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new VimFault("SystemError", `A general system error occurred: ${message}`, { reason: message });
}

/** The request could not be read. The text is hostd's, from the inside out. */
export function invalidRequest(what: string): VimFault {
  return new VimFault("InvalidRequest", what);
}

export function invalidArgument(property: string): VimFault {
  return new VimFault("InvalidArgument", `A specified parameter was not correct: ${property}`, {
    invalidProperty: property,
  });
}

export function notSupported(): VimFault {
  return new VimFault("NotSupported", "The operation is not supported on the object.");
}

export function notAuthenticated(object: { type: string; value: string }): VimFault {
  return new VimFault("NotAuthenticated", "The session is not authenticated.", {
    object,
    privilegeId: "System.View",
  });
}

export function managedObjectNotFound(object: { type: string; value: string }): VimFault {
  return new VimFault(
    "ManagedObjectNotFound",
    `The object 'vim.${object.type}:${object.value}' has already been deleted or has not been completely created`,
    { obj: object },
  );
}

export function restrictedVersion(): VimFault {
  return new VimFault(
    "RestrictedVersion",
    "Current license or ESXi version prohibits execution of the requested operation.",
  );
}

export function taskInProgress(task: { type: string; value: string }): VimFault {
  return new VimFault(
    "TaskInProgress",
    "The operation is not allowed in the current state: another task is already in progress.",
    {
      task,
    },
  );
}

export function notFound(): VimFault {
  return new VimFault("NotFound", "The object or item referred to could not be found.");
}

export function alreadyExists(name: string): VimFault {
  return new VimFault("AlreadyExists", `The specified key, name, or identifier '${name}' already exists.`, {
    name,
  });
}

export function resourceInUse(type: string, name: string): VimFault {
  return new VimFault("ResourceInUse", `The resource '${name}' is in use.`, { type, name });
}

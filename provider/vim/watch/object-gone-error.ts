import type { ManagedObjectReference } from "../../../schema/index.ts";

/**
 * The host no longer knows a managed object that somebody waits for. For a task that says nothing about its work:
 * hosts forget finished tasks, so look at what the task was to change.
 */
export class ObjectGoneError extends Error {
  override readonly name = "ObjectGoneError";
  readonly ref: ManagedObjectReference;

  constructor(host: string, ref: ManagedObjectReference) {
    super(`${host}: the host no longer knows ${ref.type} ${ref.value}`);
    this.ref = ref;
  }
}

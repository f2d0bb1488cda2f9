import type { ManagedObjectReference } from "../../../schema/index.ts";

/**
 * The host does not know a managed object any more that somebody waits for. For a task, this says nothing about its
 * work, because hosts forget finished tasks. Look at the object that the task had to change.
 */
export class ObjectGoneError extends Error {
  override readonly name = "ObjectGoneError";
  readonly ref: ManagedObjectReference;

  constructor(host: string, ref: ManagedObjectReference) {
    super(`${host}: the host no longer knows ${ref.type} ${ref.value}`);
    this.ref = ref;
  }
}

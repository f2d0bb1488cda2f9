import { messageWithHint } from "../../host/fault-hints.ts";
import type { Properties } from "./lifecycle.ts";

/**
 * Thrown when a create or update has failed after something was made. Pulumi then keeps the resource with these
 * properties, and the next `pulumi up` goes on from there. The properties must hold `__provider`: without it, a later
 * refresh or delete would have no code to run.
 */
export class UnfinishedError extends Error {
  override name = "UnfinishedError";
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];

  constructor(id: string, properties: Properties, cause: Error) {
    const message = messageWithHint(cause);
    super(message, { cause });
    this.id = id;
    this.properties = properties;
    this.reasons = [message];
  }

  /** The same with another message. */
  saying(message: string): UnfinishedError {
    return new UnfinishedError(this.id, this.properties, new Error(message, { cause: this.cause }));
  }
}

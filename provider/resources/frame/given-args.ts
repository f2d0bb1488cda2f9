import * as pulumi from "@pulumi/pulumi";
import { called as calledPlainly } from "../../hand-over/given.ts";

/**
 * The arguments of a class, in a form that the class can read: a JavaScript program may give anything. No arguments
 * become empty ones, and the check says what they lack.
 *
 * @param kind The class, `ScratchVm`.
 * @throws RunError with a sentence, for a name that cannot be one, and for arguments that are no object.
 */
export function argsOf<Args extends object>(kind: string, name: unknown, args: Args): Args {
  if (typeof name === "string" && name !== "") return lookUpArgsOf(`${kind} "${name}"`, args);
  const given = name === "" ? "an empty text" : called(name);
  throw new pulumi.RunError(
    `${kind}: the first argument must be the resource's name, a text, not ${given}: new ${kind}("lab", { … }).`,
  );
}

/** As {@link argsOf}, for a function that has no name. @param what The function, `getVm`. */
export function lookUpArgsOf<Args extends object>(what: string, args: Args): Args {
  const given: unknown = args;
  if (given === undefined || given === null) return {} as Args;
  if (typeof given === "object" && !Array.isArray(given) && !isLater(given)) return args;
  const hint = isLater(given) ? ". Put outputs and promises inside of it: { name: network.name }" : "";
  throw new pulumi.RunError(
    `${what}: the arguments must be an object, { … }, not ${called(given)}${hint}. Nothing was done.`,
  );
}

/** Whether a value becomes known only later. */
export const isLater = (value: unknown): boolean =>
  value instanceof Promise || pulumi.Output.isInstance(value);

/** How a message calls a value that is of the wrong kind. */
export function called(value: unknown): string {
  if (pulumi.Output.isInstance(value)) return "an output";
  return value instanceof Promise ? "a promise" : calledPlainly(value);
}

import type { Properties } from "./lifecycle.ts";
import { UnfinishedError } from "./unfinished-error.ts";

/** Version of the outputs' structure. A newer release must understand all older ones. */
const STATE_VERSION = 1;

/**
 * Whether everything that was asked for has been done. State has it because a refresh makes Pulumi forget that a
 * create or update failed half-way. The next diff then asks for an update. `deleting`: a killed run had begun to
 * delete a machine, and some of its disks are gone.
 */
export type Phase = "done" | "unfinished" | "deleting";

/** Whose state it is: the resource's inputs or earlier state, which have its URN, and the host that it is on. */
interface Owner {
  readonly of: Properties;
  readonly hostUuid: string | undefined;
}

/** The state of a resource on a host: its outputs, and what the state of every such resource has beside these. */
export function stateOf(outs: Properties, { of, hostUuid }: Owner, phase: Phase): Properties {
  return defined({ ...outs, hostUuid, __urn: of.__urn, __phase: phase, __state: STATE_VERSION });
}

/** Whether an earlier run has not done everything that was asked for. The next one goes on with it. */
export const isLeftUnfinished = ({ __phase }: Properties): boolean => __phase === "unfinished";

/**
 * The error of a create or update that has failed after something was made.
 *
 * @param outs What is known of it.
 * @param owner As of {@link stateOf}, with the resource's inputs.
 */
export function leftUnfinished(id: string, outs: Properties, owner: Owner, error: unknown): UnfinishedError {
  const state = { ...stateOf(outs, owner, "unfinished"), __provider: owner.of.__provider };
  return new UnfinishedError(id, state, error instanceof Error ? error : new Error(String(error)));
}

/** The resource's URN, which tells its own leftovers from others'. */
export const urnOf = ({ __urn }: Properties): string => String(__urn ?? "");

/** Pulumi cannot store undefined. */
export const defined = (props: Properties): Properties =>
  Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));

import type { EsxiHost } from "../../host/esxi-host.ts";
import type { Mark } from "../../host/marks/mark.ts";
import { untilNotAtWork } from "../../host/vm/unfinished/session-owner.ts";
import type { Context } from "../frame/lifecycle.ts";
import { runOptions } from "../frame/run-options.ts";

/** What the mark of something tells that a create finds under the name that it wants. */
export interface Bearing {
  /** The resource that made it. Undefined if no mark says so. */
  readonly urn: string | undefined;
  /** Digest of the session that wrote the mark. */
  readonly session: string;
  /** True if the create that made it has not come to its end. */
  readonly isUnfinished: boolean;
  /** Whether it is still what that resource left, and not what somebody has put in its place. */
  isUnchanged(): Promise<boolean>;
}

/** What the mark of something finished tells. */
export const bearingOf = (mark: Mark | undefined, isUnchanged: () => Promise<boolean>): Bearing =>
  mark === undefined ? UNMARKED : { ...mark, isUnfinished: false, isUnchanged };

/** Nobody's mark. */
export const UNMARKED: Bearing = {
  urn: undefined,
  session: "",
  isUnfinished: false,
  isUnchanged: async () => false,
};

/** Who asks. */
interface Asker {
  readonly host: EsxiHost;
  readonly context: Context;
  readonly urn: string;
}

/**
 * Whether a create may go on with what is there because the same resource made it. After an interrupted create it
 * always may. With `esxi:takeBack` it may also go on with a finished thing whose state was lost.
 *
 * @param what `the port group "dev"`
 * @param onlyNew The differences that only a new one could follow, `virtualSwitch a → b`. Empty if there are none.
 * @returns Undefined if it may, which is told in the resource's row. Else the reason as a sentence.
 */
export async function whyNotOurs(
  { host, context, urn }: Asker,
  what: string,
  onlyNew: string,
  bearing: Bearing,
): Promise<string | undefined> {
  const { progress, takeBack = false } = context;
  const stranger = whyStrangers(bearing, urn, takeBack);
  if (stranger !== undefined) return stranger;
  if (bearing.isUnfinished) await untilNotAtWork(host, bearing.session, what, runOptions(context));
  if (!(await bearing.isUnchanged()))
    return "It bears the mark of this resource, but somebody has changed it or made it anew since.";
  if (onlyNew !== "")
    return `It was made by this resource, but the program now asks for what only a new one can be: ${onlyNew}.`;
  if (!bearing.isUnfinished) progress.info(`taking back ${what}, which this resource made before`);
  return undefined;
}

/**
 * Why this resource may not go on with something, as far as the mark alone tells.
 * @param takesBack Whether what this resource has finished counts as its own too.
 */
export function whyStrangers(
  { urn: maker, isUnfinished }: Pick<Bearing, "urn" | "isUnfinished">,
  urn: string,
  takesBack: boolean,
): string | undefined {
  if (maker === undefined) return "No mark says that pulumi-esxi-direct made it.";
  if (maker !== urn) return `It was made by the resource ${maker}.${hintOfRename(maker, urn)}`;
  if (isUnfinished || takesBack) return undefined;
  return `It was made by a resource of the same URN whose state this stack does not have. ${TAKE_BACK}`;
}

export const TAKE_BACK =
  "If the state was lost, or is older than what is there, `pulumi config set esxi:takeBack true` takes it back.";

/**
 * What to do if the other resource of the stack is the same one under another name. Empty if it belongs to another
 * stack.
 */
export function hintOfRename(one: string, other: string): string {
  if (stackOf(one) !== stackOf(other)) return "";
  return (
    " If that is this resource under another name or parent, tell Pulumi so by the option `aliases`, and nothing is made " +
    "anew."
  );
}

/** Stack and project of a URN. */
const stackOf = (urn: string): string => urn.split("::", 2).join("::");

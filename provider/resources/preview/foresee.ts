import { isDeepStrictEqual } from "node:util";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { messageWithHint } from "../../host/fault-hints.ts";
import type { HostSight } from "../../host/host-facts.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { namesAnotherHost } from "../frame/renamed-host.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { askLifecycle } from "./ask-lifecycle.ts";
import { lacking } from "./lacking.ts";
import { sameHost } from "./same-host.ts";
import { clashes } from "./taken.ts";
import { thisRunOn } from "./this-run.ts";
import { tooLarge } from "./too-large.ts";
import { shellOff, unable } from "./unable.ts";
import { unadoptable } from "./unadoptable.ts";
import type { DiskSize, Need, Wants } from "./wants.ts";

/** A resource whose preview is being made. */
interface Subject {
  readonly lifecycle: Lifecycle;
  readonly urn: string;
  /** Inputs of the last run; empty for a new resource. */
  readonly olds: Properties;
  /** Inputs as the check has given them. */
  readonly inputs: Properties;
  /** What the check has found wrong with them. */
  readonly found: readonly CheckFailure[];
  /** Names among them of which the same program makes something. */
  readonly madeHere: readonly string[];
}

/**
 * What the host would say of a resource when it is made or changed. The host is asked once, for all resources. A
 * resource that stays as it is asks for nothing.
 *
 * The same run may make what a resource builds on. If the resource waits for it, its check comes later and finds it
 * noted. If only the program knows of it, the order is not certain, and that is a warning.
 */
export async function foresee(subject: Subject, context: Context): Promise<CheckFailure[]> {
  const { olds, inputs, urn, madeHere } = subject;
  const host = hostOf(inputs, context);
  if (host === undefined || context.checkHost === false) return [];
  const run = thisRunOn(host);
  const isInState = Object.keys(olds).length > 0;
  // A resource that is to be replaced is checked once more, as if it were new.
  if (!isInState && run.isInState(urn)) return [];
  if (isInState) run.noteInState(urn);
  if (isInState && isDeepStrictEqual(settingsOf(olds), settingsOf(inputs))) return [];
  const wants = await wantsOf(subject.lifecycle, inputs, context);
  const before =
    isInState && !namesAnotherHost(olds, inputs, context)
      ? await wantsOf(subject.lifecycle, olds, context)
      : NOTHING;
  run.note(urn, wants.makes, before.makes);
  let sight: HostSight;
  let off: string | undefined;
  try {
    sight = await host.sight(context.signal);
    off = await shellOff(host, sight, inputs);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const reason = messageWithHint(error);
    if (!isInState) return [{ property: "host", reason }];
    if (run.isNew(reason)) context.progress.warn(`\`pulumi up\` will need the host, and now: ${reason}`);
    return [];
  }
  for (const text of sameHost(host, inputs.host, sight)) context.progress.warn(text);
  const look = { host, sight, run, madeHere, context };
  const failures: CheckFailure[] = [];
  // The shell is off for the whole host. So this is said once for new resources, and once for those in state.
  if (off !== undefined && run.isNew(`${isInState} ${off}`)) {
    if (isInState) context.progress.warn(`\`pulumi up\` will need the host's shell, and now: ${off}`);
    else failures.push({ property: "host", reason: off });
  }
  for (const need of wants.needs) {
    if (!before.needs.some((other) => isSameNeed(need, other))) failures.push(...(await lacking(look, need)));
  }
  if (!isDeepStrictEqual(wants.makes, before.makes)) failures.push(...(await clashes(look, wants, urn)));
  if (!isInState && failures.length === 0) failures.push(...(await unadoptable(look, wants, subject)));
  if (isInState && failures.length === 0) {
    const ask = () => subject.lifecycle.unmovable?.(olds, inputs, context);
    failures.push(...(await askLifecycle(look, "datastore", ask)));
    const askToo = () => subject.lifecycle.unchangeable?.(olds, inputs, context);
    failures.push(...(await askLifecycle(look, "name", askToo)));
  }
  for (const disk of wants.disks ?? []) {
    if (!before.disks?.some((other) => isSameSize(disk, other))) failures.push(...tooLarge(look, disk));
  }
  for (const ability of wants.abilities ?? []) {
    if (ability.kind === "shell" && off !== undefined) continue;
    if (!before.abilities?.some((other) => isDeepStrictEqual(ability, other)))
      failures.push(...(await unable(look, ability, !isInState)));
  }
  // What is known by now is said in better words than the host's.
  if (subject.found.length === 0 && failures.length === 0 && !wants.adopts) {
    const ask = () => subject.lifecycle.refused?.(olds, inputs, context);
    failures.push(...(await askLifecycle(look, "ovaPath", ask)));
  }
  return failures;
}

const NOTHING: Wants = { needs: [] };

/** What is wrong with the configuration is told by the check itself. */
function hostOf({ host }: Properties, context: Context): EsxiHost | undefined {
  if (isUnknown(host) || (host !== undefined && typeof host !== "string")) return undefined;
  try {
    return context.host(host);
  } catch {
    return undefined;
  }
}

const wantsOf = async (lifecycle: Lifecycle, inputs: Properties, context: Context): Promise<Wants> =>
  (await lifecycle.wants?.(inputs, context)) ?? NOTHING;

const settingsOf = (inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));

const isSameNeed = (one: Need, other: Need) => one.kind === other.kind && one.name === other.name;

const isSameSize = (one: DiskSize, other: DiskSize) =>
  one.size === other.size && one.datastore === other.datastore && one.isThick === other.isThick;

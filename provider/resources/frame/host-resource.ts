import * as v from "valibot";
import { forgetListings } from "../../host/datastore/datastore-listing.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { lookTwice } from "../../host/look-twice.ts";
import { isTaken } from "../../host/lost-answer.ts";
import { UnreadableError } from "../../host/unreadable-error.ts";
import { checkInputs, isUnknown, parseInputs } from "../inputs/check-inputs.ts";
import { changedSettings, describeSettings, type SettingRules } from "../inputs/setting-diff.ts";
import { name, seconds, unknownSetting } from "../inputs/setting-forms.ts";
import type { Wants } from "../preview/wants.ts";
import { type Found, inWhatItDiffers } from "./adopt.ts";
import { timed } from "./deadline.ts";
import { hostProblem } from "./host-problem.ts";
import { keepUnreadable } from "./keep-unreadable.ts";
import type { CheckFailure, Context, DiffResult, Lifecycle, Properties } from "./lifecycle.ts";
import { ownHost, text } from "./own-host.ts";
import { isIgnored, withIgnored, withIgnoredNow } from "./pulumi-options/ignore-changes.ts";
import { replacedByOption } from "./pulumi-options/replace-on-changes.ts";
import { defined, isLeftUnfinished, leftUnfinished, stateOf, urnOf } from "./state.ts";
import { toldDiff } from "./told-diff.ts";

/** Settings of every resource that is not a VM. */
export const hostResourceEntries = {
  host: v.optional(name),
  timeouts: v.optional(
    v.strictObject(
      { createSeconds: seconds(), updateSeconds: seconds(), deleteSeconds: seconds() },
      unknownSetting,
    ),
  ),
};

type HostSchema = v.GenericSchema<unknown, { readonly host?: string | undefined }>;

/** What an operation of a resource works with. */
export interface Job {
  readonly host: EsxiHost;
  readonly context: Context;
  /** The resource's URN, which tells its own leftovers from others'. */
  readonly urn: string;
}

export interface Changing extends Job {
  /** Whether the option `ignoreChanges` names the whole of a setting. */
  ignores(key: string): boolean;
  /**
   * Call this as soon as there is something on the host. From then on, a failure keeps the resource in state with
   * what is known, and the next `pulumi up` goes on with an update.
   */
  exists(id: string, known: Properties): void;
}

/** Something on the host, and what it is to be like. */
interface ToAdopt {
  readonly found: Found;
  readonly wanted: Properties;
}

/** What makes one resource of a host differ from the others. */
interface HostResourceKind<S extends HostSchema> {
  /** How a message calls the resource at its beginning: `The folder "[datastore1] iso"`. */
  what(props: Properties): string;
  readonly schema: S;
  /** Names of outputs that are not inputs, without `hostUuid`. */
  readonly outputs: readonly string[];
  /** Inputs that no program gives. {@link check} fills them in. */
  readonly computed?: readonly string[];
  /** Settings that only a new resource can change. `host` is always one. */
  readonly replacing: readonly string[];
  /** Settings that change on the host in place. */
  readonly inPlace: readonly string[];
  /** Settings that only this package looks at. `adopt` and `timeouts` always are. */
  readonly ours?: readonly string[];
  readonly rules?: SettingRules;
  /** Longest time for a create, in seconds. Default 1800, as for the others. */
  readonly createSeconds?: number;
  readonly updateSeconds?: number;
  /** What else to check, or to fill in. Contacts no host. */
  check?(
    inputs: Properties,
    olds: Properties,
    context: Context,
  ): Promise<{ readonly inputs?: Properties; readonly failures: readonly CheckFailure[] }>;
  /** As of {@link Lifecycle}. */
  wants?(inputs: Properties): Wants;
  /**
   * What can be adopted, to be compared with the known settings. Undefined if there is nothing. Left out for kinds
   * that cannot be adopted.
   * @throws HostError for something that must not be adopted.
   */
  finds?(settings: Properties, job: Job): Promise<ToAdopt | undefined>;
  /** As of {@link Lifecycle}. Gets inputs that may be unknown. */
  unchangeable?(olds: Properties, inputs: Properties, host: EsxiHost): Promise<HostError | undefined>;
  /** The old outputs as they are to be compared with the new inputs. */
  align?(olds: Properties, news: Properties): Properties;
  create(
    settings: v.InferOutput<S>,
    job: Changing,
  ): Promise<{ readonly id: string; readonly outs: Properties }>;
  /** Undefined if the host has answered and does not have it. An output that is undefined is taken out of state. */
  read(id: string, props: Properties, job: Job): Promise<Properties | undefined>;
  /** Also goes on with what an earlier create or update has not finished. */
  update(id: string, olds: Properties, settings: v.InferOutput<S>, job: Changing): Promise<Properties>;
  /** Nothing happens if it is gone. */
  delete(id: string, props: Properties, job: Job): Promise<void>;
}

/**
 * The lifecycle of a resource that is not a VM. It has the checks, a local diff that is shown in the resource's row,
 * state that belongs to one host, time limits, and failures half-way that the next run finishes.
 */
export function hostResource<S extends HostSchema>(kind: HostResourceKind<S>): Lifecycle {
  const outputs = [...kind.outputs, "hostUuid"];

  /** Runs something that changes the host. If it fails, what was there then stays in state. */
  const change = async <T>(
    inputs: Properties,
    settings: Properties,
    job: Job,
    work: (job: Changing) => Promise<T>,
  ): Promise<{ result: T; complete: (outs: Properties) => Properties }> => {
    const { hostUuid } = await job.host.facts();
    const owner = { of: inputs, hostUuid };
    const complete = (outs: Properties): Properties => stateOf({ ...settings, ...outs }, owner, "done");
    let made: { readonly id: string; readonly known: Properties } | undefined;
    const exists = (id: string, known: Properties) => {
      made = { id, known };
    };
    try {
      const ignores = (key: string) => isIgnored(key, inputs);
      return { result: await work({ ...job, exists, ignores }), complete };
    } catch (error) {
      if (made === undefined) throw error;
      throw leftUnfinished(made.id, { ...settings, ...made.known }, owner, error);
    }
  };

  return {
    async check(olds, news, context) {
      const { inputs, failures } = checkInputs(kind.schema, news, [...outputs, ...(kind.computed ?? [])]);
      const further = await kind.check?.(inputs, olds, context);
      return {
        inputs: { ...inputs, ...further?.inputs },
        failures: [...failures, ...(further?.failures ?? []), ...hostProblem(news.host, context)],
      };
    },

    wants: (inputs) => kind.wants?.(inputs) ?? { needs: [] },

    async unadoptable(inputs, context) {
      const settings = Object.fromEntries(Object.entries(inputs).filter(([, value]) => !isUnknown(value)));
      const host = context.host(text(settings.host));
      try {
        const it = await kind.finds?.(settings, { host, context, urn: urnOf(inputs) });
        if (it === undefined) return undefined;
        const keys = it.found.keys.filter((key) => !isUnknown(inputs[key]));
        return inWhatItDiffers(host, it.wanted, { ...it.found, keys });
      } catch (error) {
        if (error instanceof HostError && !(error instanceof UnreadableError)) return error;
        throw error;
      }
    },

    unchangeable: async (olds, inputs, context) =>
      kind.unchangeable?.(olds, inputs, context.host(text(inputs.host))),

    async diff(_id, olds, news, context) {
      return diffHostResource(kind.align?.(olds, news) ?? olds, news, kind, context);
    },

    async create(inputs, base) {
      const settings = parseInputs(kind.schema, inputs, outputs);
      const context = timed(base, inputs.timeouts, "create", kind.createSeconds);
      const job = { host: context.host(settings.host), context, urn: urnOf(inputs) };
      const { result, complete } = await change(inputs, settings, job, (changing) =>
        orAsTheLoser(() => kind.create(settings, changing)),
      );
      return { id: result.id, outs: complete(result.outs) };
    },

    read: (id, props, context) =>
      keepUnreadable({ id, props }, context, async () => {
        const host = await ownHost(props, context, kind.what(props));
        const look = () => kind.read(id, props, { host, context, urn: urnOf(props) });
        const outs = await lookTwice(look, () => {
          forgetListings(host);
          return look();
        });
        return outs === undefined ? {} : { id, props: defined({ ...props, ...outs }) };
      }),

    async update(id, olds, news, base) {
      const context = timed(base, news.timeouts, "update", kind.updateSeconds);
      const host = await ownHost(olds, context, kind.what(olds));
      const job = { host, context, urn: urnOf(news) };
      const asked = parseInputs(kind.schema, news, outputs);
      const settings = await withIgnoredNow(asked, news, olds, async () =>
        isLeftUnfinished(olds) ? undefined : kind.read(id, olds, job),
      );
      const { result, complete } = await change(news, settings, job, (changing) =>
        kind.update(id, olds, settings, changing),
      );
      return { outs: complete(result) };
    },

    async delete(id, props, base) {
      const context = timed(base, props.timeouts, "delete");
      const host = await ownHost(props, context, kind.what(props));
      await kind.delete(id, props, { host, context, urn: urnOf(props) });
    },
  };
}

/**
 * Makes something. If somebody else makes one of its name between the look and the write, looks once more. So the same
 * is said and done as if it had been there before: it is left alone, adopted, or gone on with.
 */
async function orAsTheLoser<T>(create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (taken) {
    if (!isTaken(taken)) throw taken;
    return create().catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      throw new HostError(`${error.message} It was made while this run was about to make it.`, {
        cause: error,
      });
    });
  }
}

function diffHostResource(
  olds: Properties,
  inputs: Properties,
  kind: Pick<HostResourceKind<HostSchema>, "replacing" | "inPlace" | "ours" | "rules">,
  context: Context,
): DiffResult {
  const news = withIgnored(inputs, inputs, olds);
  const rules = { ...kind.rules, withDefault: ["host", "timeouts", ...(kind.rules?.withDefault ?? [])] };
  const inPlace = changedSettings(kind.inPlace, olds, news, rules);
  const ours = changedSettings(["adopt", "timeouts", ...(kind.ours ?? [])], olds, news, rules);
  const byOption = replacedByOption([...inPlace, ...ours], olds, news, ours);
  const replaces = [...changedSettings(["host", ...kind.replacing], olds, news, rules), ...byOption];
  const changed = [...new Set([...replaces, ...inPlace, ...ours])];
  return toldDiff({ olds, news, rules, changed, replaces }, context, () => {
    const [how, keys] = replaces.length > 0 ? ["replace", replaces] : ["update in place", inPlace];
    if (keys.length > 0) context.progress.info(`${how}: ${describeSettings(keys, olds, news, rules)}`);
  });
}

import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { findResourcePool } from "../../host/inventory/named-places.ts";
import { lookTwice } from "../../host/look-twice.ts";
import type { MarkState } from "../../host/marks/mark.ts";
import {
  addResourcePool,
  findPoolById,
  findPoolIn,
  moveResourcePool,
  type ObservedPool,
  type PoolState,
  removeResourcePool,
  updateResourcePool,
} from "../../host/pool/resource-pools.ts";
import { NO_MOVE } from "../../host/pool/resource-pools-by-shell.ts";
import { SHARE_LEVELS } from "../../host/vm/settings/allocation.ts";
import type { Found } from "../frame/adopt.ts";
import { type Changing, hostResource, hostResourceEntries, type Job } from "../frame/host-resource.ts";
import type { CheckFailure, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { gone, text as textOf } from "../frame/own-host.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { changedSettings } from "../inputs/setting-diff.ts";
import { entityName, name, oneOf, unknownSetting, wholeNumber, yesOrNo } from "../inputs/setting-forms.ts";
import { making, needing } from "../preview/wanted-names.ts";
import { MarkedThing } from "../take-back/marked-thing.ts";
import { ownOrAdopted } from "../take-back/own-or-adopted.ts";
import { poolDraftThing, poolThing } from "../take-back/things.ts";

const level = v.optional(oneOf(SHARE_LEVELS), "normal");
const most = Number.MAX_SAFE_INTEGER;

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    name: entityName,
    parentResourcePool: v.optional(name),
    cpuReservation: v.optional(wholeNumber(0, most, "MHz"), 0),
    cpuExpandable: v.optional(yesOrNo, true),
    cpuLimit: v.optional(wholeNumber(-1, most, "MHz"), -1),
    cpuShareLevel: level,
    cpuShares: v.optional(wholeNumber(1, 1_000_000, "")),
    memoryReservation: v.optional(wholeNumber(0, most, "MB"), 0),
    memoryExpandable: v.optional(yesOrNo, true),
    memoryLimit: v.optional(wholeNumber(-1, most, "MB"), -1),
    memoryShareLevel: level,
    memoryShares: v.optional(wholeNumber(1, 10_000_000, "")),
    adopt: v.optional(yesOrNo),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

const FIGURES = ["cpu", "memory"].flatMap((resource) =>
  ["Reservation", "Expandable", "Limit", "ShareLevel", "Shares"].map((one) => `${resource}${one}`),
);
const RULES = {
  withDefault: ["parentResourcePool"],
  shown: ["name", "parentResourcePool", "cpuShareLevel", "memoryShareLevel"],
};

/** The lifecycle of {@link ResourcePool}, in the dynamic-provider process. */
export const resourcePool: Lifecycle = hostResource({
  what,
  schema,
  outputs: ["path", "moid"],
  replacing: [],
  inPlace: ["name", "parentResourcePool", ...FIGURES],
  rules: RULES,

  check: async (inputs) => ({ failures: [...figureRules(inputs, "cpu"), ...figureRules(inputs, "memory")] }),

  wants: ({ name, parentResourcePool, adopt }) => ({
    needs: needing("resource pool", "parentResourcePool", parentResourcePool),
    makes: making("resource pool", "name", name, parentResourcePool),
    adopts: adopt === true,
    abilities: [
      { kind: "api", property: "parentResourcePool", value: parentResourcePool, why: NO_MOVE, ofNew: true },
    ],
  }),

  async finds(settings, { host }) {
    const there = await findPoolIn(host, textOf(settings.parentResourcePool), String(settings.name));
    return there && { found: foundAs(there, settings), wanted: settings };
  },

  async create(settings, job) {
    const { host, context, exists } = job;
    const { parentResourcePool, name: called } = settings;
    const parent = await findResourcePool(host, parentResourcePool, "parentResourcePool");
    const draft = draftMark(job, parent, called);
    const there = await findPoolIn(host, parentResourcePool, called);
    if (there) {
      const id = there.ref.value;
      const found = foundAs(there, settings);
      const { now } = found;
      const both = [markOf(job, id), draft] as const;
      const compared = comparison(there);
      const [own, begun] = await Promise.all([both[0].bearing(compared), both[1].bearing(compared)]);
      const isUnfinished = own.isUnfinished || own.urn === begun.urn;
      const bearing = own.urn === undefined ? begun : { ...own, isUnfinished };
      const isAdopted = (await ownOrAdopted(job, settings, found, bearing, [])) === "adopted";
      exists(id, now);
      if (isAdopted) for (const mark of both) await mark.remove();
      return { id, outs: isAdopted ? now : await asWished(there, now, settings, job) };
    }
    context.progress.status("making the resource pool");
    const id = await draft.making({ ...settings }, () =>
      addResourcePool(host, parentResourcePool, stateOf(settings), context.signal),
    );
    exists(id, { moid: id });
    // Found by its name, because the id in the answer may be that of another pool.
    const made = await lookTwice(() => findPoolIn(host, parentResourcePool, settings.name));
    if (made === undefined) throw gone(host, what(settings));
    await marks(job, made);
    return { id: made.ref.value, outs: outputsOf(made, settings) };
  },

  async read(id, props, { host }) {
    const now = await ownPool(host, id, props);
    return now && outputsOf(now, props);
  },

  async update(id, olds, settings, job) {
    const before = await needPool(job.host, id, olds);
    job.exists(id, outputsOf(before, olds));
    return asWished(before, olds, settings, job);
  },

  async delete(id, props, job) {
    const { host, context } = job;
    const marked = markOf(job, id);
    if (await ownPool(host, id, props))
      await removeResourcePool(host, id, context.signal, () => marked.remove());
    else await marked.remove();
  },
});

const foundAs = (there: ObservedPool, settings: Properties): Found => ({
  what: `the resource pool "${there.path}"`,
  now: outputsOf(there, settings),
  keys: FIGURES,
  rules: RULES,
});

const markOf = (job: Job, id: string) => new MarkedThing(job, poolThing(id));

/** The mark of a pool that is being made and has no id yet. */
const draftMark = (job: Job, parent: { readonly value: string }, name: string) =>
  new MarkedThing(job, poolDraftThing(parent.value, name));

const comparison = (there: ObservedPool) => ({
  isAsLeft: () => true,
  isAsMeant: (meant: MarkState) =>
    changedSettings(FIGURES, outputsOf(there, meant), meant, RULES).length === 0,
});

/** Marks a pool as made. A run that was killed may have left it unfinished. */
async function marks(job: Job, { ref, parent, name: called }: ObservedPool): Promise<void> {
  await markOf(job, ref.value).made({});
  if (parent) await draftMark(job, parent, called).remove();
}

/**
 * Moves the pool and changes what differs.
 * @param olds The outputs that tell this pool from another one with the same id.
 */
async function asWished(
  before: ObservedPool,
  olds: Properties,
  settings: Settings,
  job: Changing,
): Promise<Properties> {
  const { host, context, exists } = job;
  const id = before.ref.value;
  await marks(job, before);
  const now = outputsOf(before, settings);
  if (changedSettings(["parentResourcePool"], now, settings, RULES).length > 0) {
    context.progress.status("moving the resource pool");
    await moveResourcePool(host, before, settings.parentResourcePool, context.signal);
    exists(id, outputsOf(await needPool(host, id, olds), settings));
  }
  if (changedSettings(["name", ...FIGURES], now, settings, RULES).length > 0)
    await updateResourcePool(host, before, stateOf(settings), context.signal);
  return outputsOf(await needPool(host, id, olds), settings);
}

function what({ name, path }: Properties): string {
  return `The resource pool "${String(path ?? name)}"`;
}

async function needPool(host: EsxiHost, id: string, props: Properties): Promise<ObservedPool> {
  const pool = await ownPool(host, id, props);
  if (pool) return pool;
  throw gone(host, what(props));
}

/**
 * If only the id of a pool is known, because it was never read after it was made, it is ours only if it has our name.
 */
async function ownPool(host: EsxiHost, id: string, props: Properties): Promise<ObservedPool | undefined> {
  const pool = await findPoolById(host, id);
  return props.path === undefined && pool?.name !== props.name ? undefined : pool;
}

/** Allocations that contradict each other. */
function figureRules(inputs: Properties, resource: "cpu" | "memory"): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const reservation = inputs[`${resource}Reservation`];
  const limit = inputs[`${resource}Limit`];
  if (typeof reservation === "number" && typeof limit === "number" && limit >= 0 && limit < reservation)
    failures.push({ property: `${resource}Limit`, reason: `must be at least ${resource}Reservation` });
  const shareLevel = inputs[`${resource}ShareLevel`];
  const shares = inputs[`${resource}Shares`];
  if (isUnknown(shareLevel)) return failures;
  if (shareLevel === "custom" && shares === undefined)
    failures.push({
      property: `${resource}Shares`,
      reason: `is required with ${resource}ShareLevel: "custom"`,
    });
  if (shareLevel !== "custom" && shares !== undefined)
    failures.push({
      property: `${resource}Shares`,
      reason: `is only allowed with ${resource}ShareLevel: "custom"`,
    });
  return failures;
}

function stateOf(settings: Settings): PoolState {
  return {
    name: settings.name,
    cpu: {
      reservation: settings.cpuReservation,
      expandable: settings.cpuExpandable,
      limit: settings.cpuLimit,
      shareLevel: settings.cpuShareLevel,
      shares: settings.cpuShares,
    },
    memory: {
      reservation: settings.memoryReservation,
      expandable: settings.memoryExpandable,
      limit: settings.memoryLimit,
      shareLevel: settings.memoryShareLevel,
      shares: settings.memoryShares,
    },
  };
}

/** The parent stays as the program names it, by name or by path, while it is the same pool. */
function outputsOf({ ref, path, state, inside }: ObservedPool, settings: Properties): Properties {
  const said = settings.parentResourcePool;
  const same = said !== undefined && (said === inside?.path || said === inside?.name);
  return {
    name: state.name,
    parentResourcePool: same ? said : inside?.path,
    ...Object.fromEntries(
      (["cpu", "memory"] as const).flatMap((resource) => {
        const { reservation, expandable, limit, shareLevel, shares } = state[resource];
        return [
          [`${resource}Reservation`, reservation],
          [`${resource}Expandable`, expandable],
          [`${resource}Limit`, limit],
          [`${resource}ShareLevel`, shareLevel],
          [`${resource}Shares`, shareLevel === "custom" ? shares : undefined],
        ];
      }),
    ),
    path,
    moid: ref.value,
  };
}

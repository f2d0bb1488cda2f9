import * as v from "valibot";
import type { EsxiHost } from "../host/esxi-host.ts";
import { lookTwice } from "../host/look-twice.ts";
import {
  addResourcePool,
  findPoolById,
  findPoolIn,
  moveResourcePool,
  type ObservedPool,
  type PoolState,
  removeResourcePool,
  updateResourcePool,
} from "../host/resource-pools.ts";
import { SHARE_LEVELS } from "../host/vm-config/allocation.ts";
import { takeOver } from "./adopt.ts";
import { isUnknown } from "./check-inputs.ts";
import { hostResource, hostResourceEntries } from "./host-resource.ts";
import type { CheckFailure, Lifecycle, Properties } from "./lifecycle.ts";
import { gone } from "./own-host.ts";
import { changedSettings } from "./setting-diff.ts";
import { entityName, name, oneOf, unknownSetting, wholeNumber, yesOrNo } from "./setting-forms.ts";

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

  async create(settings, { host, context, exists }) {
    const { parentResourcePool } = settings;
    const there = await findPoolIn(host, parentResourcePool, settings.name);
    if (there) {
      const now = outputsOf(there, settings);
      takeOver(host, settings, {
        what: `the resource pool "${there.path}"`,
        now,
        keys: FIGURES,
        rules: RULES,
      });
      return { id: there.ref.value, outs: now };
    }
    context.progress.status("making the resource pool");
    const id = await addResourcePool(host, parentResourcePool, stateOf(settings), context.signal);
    exists(id, { moid: id });
    // By its name, because the id in the answer may be that of another pool.
    const made = await lookTwice(() => findPoolIn(host, parentResourcePool, settings.name));
    if (made === undefined) throw gone(host, what(settings));
    return { id: made.ref.value, outs: outputsOf(made, settings) };
  },

  async read(id, props, { host }) {
    const now = await ownPool(host, id, props);
    return now && outputsOf(now, props);
  },

  async update(id, olds, settings, { host, context, exists }) {
    const before = await needPool(host, id, olds);
    exists(id, outputsOf(before, olds));
    const now = outputsOf(before, settings);
    if (changedSettings(["parentResourcePool"], now, settings, RULES).length > 0) {
      context.progress.status("moving the resource pool");
      await moveResourcePool(host, before, settings.parentResourcePool, context.signal);
      exists(id, outputsOf(await needPool(host, id, olds), settings));
    }
    if (changedSettings(["name", ...FIGURES], now, settings, RULES).length > 0)
      await updateResourcePool(host, before, stateOf(settings), context.signal);
    return outputsOf(await needPool(host, id, olds), settings);
  },

  async delete(id, props, { host, context }) {
    if (await ownPool(host, id, props)) await removeResourcePool(host, id, context.signal);
  },
});

function what({ name, path }: Properties): string {
  return `The resource pool "${String(path ?? name)}"`;
}

async function needPool(host: EsxiHost, id: string, props: Properties): Promise<ObservedPool> {
  const pool = await ownPool(host, id, props);
  if (pool) return pool;
  throw gone(host, what(props));
}

/** A pool that was never seen after it was made, whose id is all that is known, is ours only if it bears our name. */
async function ownPool(host: EsxiHost, id: string, props: Properties): Promise<ObservedPool | undefined> {
  const pool = await findPoolById(host, id);
  return props.path === undefined && pool?.name !== props.name ? undefined : pool;
}

/** What of the figures does not go together. */
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
      reason: `is required where ${resource}ShareLevel is custom`,
    });
  if (shareLevel !== "custom" && shares !== undefined)
    failures.push({
      property: `${resource}Shares`,
      reason: `has a meaning only where ${resource}ShareLevel is custom`,
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

/** The parent stays in the words of the program, by name or by path, while it is the same pool. */
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

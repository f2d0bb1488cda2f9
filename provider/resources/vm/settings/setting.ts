import { isDeepStrictEqual } from "node:util";
import type * as v from "valibot";
import type { HOST_SETTINGS } from "../../../host/vm/settings/settings.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import type { SettingRules } from "../../inputs/setting-diff.ts";

/** A setting of a virtual machine in a program, besides its documented type. */
export interface Setting extends SettingChange {
  /** The check of its value, with the messages for other values. */
  readonly check: v.GenericSchema;
}

/** What a change of a setting does, and how a preview shows it. */
export interface SettingChange {
  /** The cost for a machine that runs. Left out if it follows from when the host needs the machine off. */
  readonly cost?: CostOf;
  readonly told: Telling;
  /** True if a setting that is taken out of the program gets its default. If not, it is left to the host. */
  readonly hasDefault?: boolean;
  /** True if an empty text in it means the same as no entry. */
  readonly emptyIsNone?: boolean;
}

/**
 * How a preview shows a change. `value`: the old and the new value. `parts`: the same for each part of a list or
 * structure. `partNames` and `keys`: names of parts of a structure, or keys of a map, because their values may be
 * secrets. `name`: only the setting's name.
 */
type Telling = "value" | "parts" | "partNames" | "keys" | "name";

/** The cost of a change for a machine that runs. */
export type Cost = "inPlace" | "powerCycle" | "replace" | "ours";

export interface Change {
  readonly old: unknown;
  readonly wanted: unknown;
  /** The whole machine in state. */
  readonly olds: Properties;
}

/** A cost, which may depend on the change. */
export type CostOf = Cost | ((change: Change) => Cost);

type OnHost = typeof HOST_SETTINGS;
/** Settings whose cost follows from the host's half: there it is a constant when the machine must be off. */
type CostFollows = {
  [Name in keyof OnHost]: Extract<OnHost[Name]["off"], (...args: never) => unknown> extends never
    ? Name
    : never;
}[keyof OnHost];

/** All settings of a theme. The compiler asks for each argument, and for its cost if it follows from nothing. */
export type Theme<Args> = {
  readonly [Name in keyof Args]-?: Name extends CostFollows ? Setting : Setting & { readonly cost: CostOf };
};

type ChecksOf<Settings> = {
  -readonly [Name in keyof Settings]: Settings[Name] extends { readonly check: infer Check } ? Check : never;
};

/** The checks of settings, by name. */
export function checksOf<Settings extends Readonly<Record<string, Setting>>>(
  settings: Settings,
): ChecksOf<Settings> {
  const checks = Object.entries(settings).map(([name, { check }]) => [name, check]);
  return Object.fromEntries(checks) as ChecksOf<Settings>;
}

/** How changes are compared and shown, for `setting-diff.ts`. */
export function rulesOf(settings: Readonly<Record<string, SettingChange>>): SettingRules {
  const those = (isMeant: (setting: SettingChange) => boolean | undefined) =>
    Object.entries(settings).flatMap(([name, setting]) => (isMeant(setting) ? [name] : []));
  return {
    maps: those(({ told }) => told === "keys"),
    emptyIsNone: those(({ emptyIsNone }) => emptyIsNone),
    withDefault: those(({ hasDefault }) => hasDefault),
    structured: those(({ told }) => told === "parts"),
    parts: those(({ told }) => told === "partNames"),
    shown: those(({ told }) => told === "value"),
  };
}

/**
 * In place, unless one of these properties of an item changes. With `countIsFixed`, the number of items must not change
 * either.
 */
export const items =
  (fixed: readonly string[], options: { readonly countIsFixed: boolean }) =>
  ({ old, wanted }: Change): Cost => {
    const [before, after] = [listOf(old), listOf(wanted)];
    if (options.countIsFixed && before.length !== after.length) return "powerCycle";
    const same = after.every((item, index) => {
      const was =
        before.find((each) => item.label !== undefined && each.label === item.label) ?? before[index];
      return fixed.every(
        (key) => was === undefined || item[key] === undefined || isDeepStrictEqual(was[key], item[key]),
      );
    });
    return same ? "inPlace" : "powerCycle";
  };

/** The entries of a list that are objects. */
export function listOf(value: unknown): readonly Properties[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}

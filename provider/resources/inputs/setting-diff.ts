import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../frame/lifecycle.ts";
import { changesWithin } from "./changes-within.ts";
import { isUnknown } from "./check-inputs.ts";

/** How a resource's settings are compared and told, where they are more than plain values. */
export interface SettingRules {
  /** Maps of texts. A map that is taken out of the program counts as empty. */
  readonly maps?: readonly string[];
  /** Of those, the ones in which an empty text is the same as no entry. */
  readonly emptyIsNone?: readonly string[];
  /** Settings that go back to the host's own default when the program takes the value out. */
  readonly withDefault?: readonly string[];
  /** Lists and structures that hold no secret. */
  readonly structured?: readonly string[];
  /** Structures that may hold secrets. Only the names of changed parts are told. */
  readonly parts?: readonly string[];
  /** Texts that hold no secret and are short enough to be shown. */
  readonly shown?: readonly string[];
}

/** The settings that differ. A setting that the program does not ask for is left to the host. */
export function changedSettings(
  keys: readonly string[],
  olds: Properties,
  news: Properties,
  rules: SettingRules,
): string[] {
  return keys.filter((key) => differs(olds[key], news[key], key, rules));
}

/** Plain settings with their values. Of settings that may hold secrets, the keys that change. */
export function describeSettings(
  keys: readonly string[],
  olds: Properties,
  news: Properties,
  rules: SettingRules,
): string {
  return keys.map((key) => describe(key, olds[key], news[key], rules)).join(", ");
}

function differs(old: unknown, wanted: unknown, key: string, rules: SettingRules): boolean {
  if (isUnknown(wanted)) return true;
  if (rules.maps?.includes(key)) return changedKeys(old, wanted, key, rules).length > 0;
  if (wanted === undefined) return rules.withDefault?.includes(key) === true && old !== undefined;
  // Items with labels may stand in any order.
  if (rules.structured?.includes(key)) return changesWithin(key, old, wanted) !== "";
  return !isDeepStrictEqual(old, wanted);
}

function describe(key: string, old: unknown, wanted: unknown, rules: SettingRules): string {
  if (isUnknown(wanted)) return key;
  if (rules.maps?.includes(key)) return `${key} (${changedKeys(old, wanted, key, rules).join(", ")})`;
  if (rules.structured?.includes(key)) return changesWithin(key, old, wanted);
  if (rules.parts?.includes(key)) return `${key} (${changedParts(old, wanted).join(", ")})`;
  const isPlain = [old, wanted].some((one) => typeof one === "number" || typeof one === "boolean");
  return isPlain || rules.shown?.includes(key) ? `${key} ${shown(old)} → ${shown(wanted)}` : key;
}

const shown = (value: unknown) => (value === undefined ? "unset" : String(value));

/** Keys of a map of texts that are added, removed or get another value. */
function changedKeys(old: unknown, wanted: unknown, key: string, rules: SettingRules): string[] {
  const [before, after] = [textsOf(old, key, rules), textsOf(wanted, key, rules)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((name) => before[name] !== after[name]);
}

/** The parts of a structure that are added, removed or changed. */
export function changedParts(old: unknown, wanted: unknown): string[] {
  const partsOf = (value: unknown): Properties =>
    typeof value === "object" && value !== null ? { ...value } : {};
  const [before, after] = [partsOf(old), partsOf(wanted)];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** The entries of a map that count. A host keeps no advanced setting with an empty text. */
function textsOf(value: unknown, key: string, rules: SettingRules): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value);
  return Object.fromEntries(
    rules.emptyIsNone?.includes(key) ? entries.filter(([, text]) => text !== "") : entries,
  );
}

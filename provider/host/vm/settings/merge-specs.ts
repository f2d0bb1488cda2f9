import type { VirtualMachineConfigSpec } from "../../../../schema/index.ts";

/** Joins parts of a specification. Lists are appended, structures are joined field by field, and later values win. */
export function mergeSpecs(parts: readonly VirtualMachineConfigSpec[]): VirtualMachineConfigSpec {
  return parts.reduce<VirtualMachineConfigSpec>((whole, part) => merged(whole, part), {});
}

function merged<T extends object>(whole: T, part: T): T {
  const result = Object.fromEntries(Object.entries(whole)) as Record<string, unknown>;
  for (const [key, value] of Object.entries(part)) {
    if (value === undefined) continue;
    const before = result[key];
    if (key === "extraConfig") result[key] = withOptions(before, value);
    else if (Array.isArray(before) && Array.isArray(value)) result[key] = [...before, ...value];
    else if (isStructure(before) && isStructure(value)) result[key] = merged(before, value);
    else result[key] = value;
  }
  return result as T;
}

type Options = NonNullable<VirtualMachineConfigSpec["extraConfig"]>;

/** A host takes each key once, and ignores its case. */
function withOptions(before: unknown, added: Options): Options {
  const keys = new Set(added.map(({ key }) => key.toLowerCase()));
  return [...((before ?? []) as Options).filter(({ key }) => !keys.has(key.toLowerCase())), ...added];
}

const isStructure = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Pulumi's paths of properties: `a.b`, `a[0]["c.d"]`, and `*` for every item. */
export type PropertyPath = readonly string[];

export function parsePropertyPath(path: string): PropertyPath {
  const parts = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|[^.[\]]+/g);
  return [...parts].map(([part, quoted]) => quoted?.replaceAll('\\"', '"') ?? part);
}

/** The value with the other one's value at the path. If the other one has none there, it is taken out. */
export function takeAt([first, ...rest]: PropertyPath, value: unknown, other: unknown): unknown {
  if (first === undefined) return other;
  if (!isObject(value) || !isObject(other)) return value;
  const keys = first === "*" ? Object.keys({ ...value, ...other }) : [first];
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      keys.includes(String(index)) && Array.isArray(other) && index in other
        ? takeAt(rest, item, other[index])
        : item,
    );
  }
  const taken: Record<string, unknown> = { ...value };
  for (const key of keys) {
    const found = takeAt(rest, value[key], other[key]);
    if (found === undefined) delete taken[key];
    else taken[key] = found;
  }
  return taken;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

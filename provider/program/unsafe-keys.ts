import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses the key `__proto__` in a program's arguments. On the way to the provider, JavaScript would treat it as the
 * object's prototype, and it would get lost silently. Other names with a meaning in JavaScript arrive, and the check
 * refuses them.
 * @returns The inputs. Outputs and promises in them are checked when their values are known.
 * @throws RunError with the place of the key
 */
export function refuseProtoKeys(resource: string, inputs: pulumi.Inputs): pulumi.Inputs {
  return looked(resource, inputs, "") as pulumi.Inputs;
}

function looked(resource: string, value: unknown, path: string): unknown {
  const later = (known: unknown) => looked(resource, known, path);
  if (pulumi.Output.isInstance(value)) return value.apply(later);
  if (value instanceof Promise) return value.then(later);
  if (!isPlain(value)) return value;
  if (Array.isArray(value)) return value.map((item, index) => looked(resource, item, join(path, index)));
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const where = join(path, key);
    if (key === "__proto__") {
      throw new pulumi.RunError(`"${resource}": ${where}: "__proto__" cannot be a key. Nothing was done.`);
    }
    return [key, looked(resource, item, where)];
  });
  return Object.fromEntries(entries);
}

const join = (path: string, key: string | number) => (path === "" ? String(key) : `${path}.${key}`);

/** A list, or a plain object in the program. Outputs, resources and assets do not count. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

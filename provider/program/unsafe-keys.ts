import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses the key `__proto__` in what a program gives: on the way to the provider JavaScript takes it for the object's
 * own prototype, so that it would get lost without a word. Other names that mean something in JavaScript arrive, and
 * the check refuses them.
 * @throws RunError naming where it stands
 */
export function refuseProtoKeys(resource: string, value: unknown, path = ""): void {
  if (!isPlain(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const where = path === "" ? key : `${path}.${key}`;
    if (key === "__proto__") {
      throw new pulumi.RunError(`"${resource}": ${where}: "__proto__" cannot be a key. Nothing was done.`);
    }
    refuseProtoKeys(resource, item, where);
  }
}

/** A list, or an object as a program writes it down: outputs, resources and assets are none. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

import * as pulumi from "@pulumi/pulumi";
import { ownEntry } from "./own-entry.ts";

/**
 * The decision of a resource for one key.
 * @throws RunError if it does not know the key.
 */
export function entryOf<T>(map: Readonly<Record<string, T>>, key: string, resource: string, what: string): T {
  const found = ownEntry(map, key);
  if (found !== undefined) return found;
  throw new pulumi.RunError(
    `${resource} has no ${what} for "${key}". If "${key}" is new in the program, \`pulumi up --target\` left this ` +
      `resource out. Name it with a further --target, or run without --target.`,
  );
}

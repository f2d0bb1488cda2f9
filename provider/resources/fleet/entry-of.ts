import * as pulumi from "@pulumi/pulumi";
import { ownEntry } from "./own-entry.ts";

/**
 * What a resource has decided for a key.
 * @throws RunError if it knows no such key
 */
export function entryOf<T>(map: Readonly<Record<string, T>>, key: string, resource: string, what: string): T {
  const found = ownEntry(map, key);
  if (found !== undefined) return found;
  throw new pulumi.RunError(
    `${resource} has no ${what} for "${key}". If "${key}" is new in the program, \`pulumi up --target\` left this ` +
      `resource out: name it with a further --target, or run without --target.`,
  );
}

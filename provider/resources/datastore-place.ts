import * as v from "valibot";
import type { DatastorePath } from "../host/datastore-path.ts";
import type { EsxiHost } from "../host/esxi-host.ts";
import { findDatastore } from "../host/placement.ts";

/**
 * A path below a datastore's root that every tool can handle: no step upwards, no leading dot, nothing that a path gives
 * a meaning to.
 */
export const relativePath = v.pipe(
  v.string("must be a text"),
  v.check(
    (path) => !/^\[[^\]]*\] ?\S/.test(path),
    "must be the path alone, without the datastore: write datastore and path as two arguments",
  ),
  v.regex(
    /^(?!\.)(?!.*\/\.)[^\u0000-\u001f:*?"<>|\\/]+(\/[^\u0000-\u001f:*?"<>|\\/]+)*$/,
    'must be a path below the datastore without . or .. and without : * ? " < > | \\',
  ),
  v.check((path) => path.trim() === path, "must not begin or end with a space"),
);

/** Where that is on the host. @throws HostError if the host has no such datastore, or several and none is named */
export async function placeOn(
  host: EsxiHost,
  { datastore, path }: { readonly datastore?: string | undefined; readonly path: string },
): Promise<DatastorePath> {
  return { datastore: (await findDatastore(host, datastore)).name, path };
}

import * as v from "valibot";
import { type DatastorePath, formatDatastorePath } from "../../host/datastore/datastore-path.ts";
import { stagingFolder } from "../../host/datastore/place-claim.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { findDatastore } from "../../host/inventory/named-places.ts";
import type { Properties } from "../frame/lifecycle.ts";
import { known, making } from "../preview/wanted-names.ts";
import type { Wants } from "../preview/wants.ts";

/** The most bytes that VMFS allows in the name of a file or folder. A character that is not ASCII has two to four. */
const MOST_NAME_BYTES = 255;

/**
 * Why a name is too long. Undefined if it is not.
 *
 * @param more How many bytes longer names that are derived from it may be.
 */
export function tooLong(name: string, more: number): string | undefined {
  const most = MOST_NAME_BYTES - more;
  const bytes = Buffer.byteLength(name);
  if (bytes <= most) return undefined;
  const why = more === 0 ? "" : `, and some files get names that are up to ${more} bytes longer`;
  return `must have at most ${most} bytes in UTF-8, and "${name}" has ${bytes}: a datastore allows names of ${MOST_NAME_BYTES} bytes${why}`;
}

/**
 * A path below a datastore's root that every tool can handle. It has no step upwards, no leading dot, no characters
 * with a meaning in paths, and no name that is too long.
 *
 * @param more How many bytes longer the last name is while the thing is made.
 */
export const relativePath = (more = 0) => {
  const wrongLength = (path: string): string | undefined => {
    const names = path.split("/");
    return names.map((name, at) => tooLong(name, at === names.length - 1 ? more : 0)).find(Boolean);
  };
  return v.pipe(
    v.string("must be a text"),
    v.check(
      (path) => !/^\[[^\]]*\] ?\S/.test(path),
      "must be the path without the datastore: write datastore and path as two arguments",
    ),
    v.check(
      (path) => !path.startsWith("/"),
      "must not begin with a slash, because it is relative to the datastore's root",
    ),
    v.regex(
      /^(?!\.)(?!.*\/\.)[^\u0000-\u001f:*?"<>|\\/]+(\/[^\u0000-\u001f:*?"<>|\\/]+)*$/,
      'must be a path below the datastore without . or .. and without : * ? " < > | \\',
    ),
    v.check((path) => path.trim() === path, "must not begin or end with a space"),
    v.check(
      (path) => wrongLength(path) === undefined,
      ({ input }) => wrongLength(input) ?? "",
    ),
  );
};

/** The path of a file or folder. While it is made, there is a folder with a longer name beside it. */
export const placePath = relativePath(
  stagingFolder({ place: { datastore: "", path: "" }, urn: "", content: "" }).path.length,
);

/** What a file or folder needs on its host. */
export function placeWants(kind: "file" | "folder", { path, datastore, adopt }: Properties): Wants {
  return {
    needs: [{ kind: "datastore", property: "datastore", name: known(datastore) }],
    makes: making(kind, "path", path, datastore),
    adopts: adopt === true,
  };
}

/** The error if a folder is in the place of a file, or a file in that of a folder. @param isFolder Which is there. */
export const otherKind = (host: EsxiHost, place: DatastorePath, isFolder: boolean): HostError =>
  new HostError(
    `${formatDatastorePath(place)} on ${host.name} is a ${isFolder ? "folder" : "file"}, which is left alone. ` +
      `Give this ${isFolder ? "file" : "folder"} another \`path\`.`,
  );

/** The place on the host. @throws HostError if the host has no such datastore, or several and none is named */
export async function placeOn(
  host: EsxiHost,
  { datastore, path }: { readonly datastore?: string | undefined; readonly path: string },
): Promise<DatastorePath> {
  return { datastore: (await findDatastore(host, datastore)).name, path };
}

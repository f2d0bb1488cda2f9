/** From datastore paths and `/vmfs/volumes` paths to files of the host's datastores. */
import type { Datastore } from "../datastore/datastore.ts";
import { parseDatastorePath } from "../datastore/path.ts";
import { fileFault, invalidDatastorePath } from "../datastore-faults.ts";
import type { DatastoreFile } from "../vm/device/context.ts";

/** @throws VimFault InvalidDatastorePath if the text is no datastore path or the host has no such datastore */
export function resolveDatastorePath(
  datastores: ReadonlyMap<string, Datastore>,
  text: string,
): DatastoreFile {
  let parsed: { readonly datastore: string; readonly path: string };
  try {
    parsed = parseDatastorePath(text.trim());
  } catch (error) {
    throw fileFault(error);
  }
  const datastore = datastores.get(parsed.datastore);
  if (datastore === undefined) throw invalidDatastorePath(text);
  return { datastore, path: parsed.path };
}

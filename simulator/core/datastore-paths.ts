/** Finds files of the host's datastores by datastore paths and `/vmfs/volumes` paths. */
import type { Datastore } from "../datastore/datastore.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import { parseDatastorePath } from "../datastore/path.ts";
import { VimFault } from "../soap/fault.ts";
import { fileFault, invalidDatastorePath } from "./datastore-faults.ts";
import { datastoreRef } from "./ids.ts";

/**
 * @throws VimFault InvalidDatastorePath if the text is no datastore path or the host has no such datastore. If the
 * datastore is inaccessible, the fault that it is set to give
 */
export function resolveDatastorePath(
  datastores: ReadonlyMap<string, Datastore>,
  text: string,
): DatastoreFile {
  const file = locateDatastorePath(datastores, text);
  if (!file.datastore.accessible) throw inaccessible(file.datastore, text);
  return file;
}

/** The same, even if the host does not reach the datastore. @throws VimFault InvalidDatastorePath */
export function locateDatastorePath(datastores: ReadonlyMap<string, Datastore>, text: string): DatastoreFile {
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

/** It is not known which of the two faults a host gives for files on such a datastore. */
function inaccessible({ name, uuid, awayFiles }: Datastore, text: string): VimFault {
  if (awayFiles === "FileNotFound")
    return new VimFault(awayFiles, `File ${text} was not found`, { file: text });
  return new VimFault("InaccessibleDatastore", `Unable to access datastore '${name}'.`, {
    datastore: datastoreRef(uuid),
    name,
  });
}

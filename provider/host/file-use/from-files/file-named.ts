import { posix } from "node:path";
import { type DatastorePath, fromHostPath } from "../../datastore/datastore-path.ts";
import type { ObservedDatastore } from "../../inventory/datastores.ts";
import type { BaseOfUnreadable } from "../vm-uses.ts";

/** The datastores of the host. They are asked for only where a file is named by its volume. */
export type Volumes = () => Promise<readonly ObservedDatastore[]>;

/**
 * The file that a file of a machine names: beside itself, or on a volume by that one's number or name. Of one on a volume
 * that the host does not have, only the path is known.
 * @param folder Where the naming file is.
 */
export async function fileNamed(
  name: string,
  folder: DatastorePath,
  volumes: Volumes,
): Promise<BaseOfUnreadable> {
  const far = fromHostPath(name);
  if (far === undefined) return { datastore: folder.datastore, path: posix.join(folder.path, name) };
  const { volume, path } = far;
  const datastore = (await volumes()).find(
    ({ name, url }) => name === volume || url.split("/").includes(volume),
  );
  return { datastore: datastore?.name, path: posix.normalize(path) };
}

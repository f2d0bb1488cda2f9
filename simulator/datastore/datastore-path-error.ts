/** Thrown for a datastore path that no file can have. The host's fault is InvalidDatastorePath. */
export class DatastorePathError extends Error {
  readonly datastorePath: string;

  constructor(datastorePath: string) {
    super(`Invalid datastore path '${datastorePath}'.`);
    this.name = "DatastorePathError";
    this.datastorePath = datastorePath;
  }
}

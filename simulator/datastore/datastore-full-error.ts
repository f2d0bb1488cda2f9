/** Thrown when a datastore has less free space than a file needs. The host's fault is NoDiskSpace. */
export class DatastoreFullError extends Error {
  readonly datastore: string;
  readonly path: string;

  constructor(datastore: string, path: string, neededBytes: number, freeBytes: number) {
    super(
      `Insufficient disk space on datastore '${datastore}': [${datastore}] ${path} needs ${neededBytes} bytes, ` +
        `${freeBytes} are free.`,
    );
    this.name = "DatastoreFullError";
    this.datastore = datastore;
    this.path = path;
  }
}

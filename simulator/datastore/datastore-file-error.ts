/** The vim25 faults of operations on a file of a datastore. */
export type FileFaultName =
  | "FileNotFound"
  | "FileAlreadyExists"
  | "CannotDeleteFile"
  | "CannotAccessFile"
  | "CannotCreateFile";

const SENTENCES: Record<FileFaultName, (file: string) => string> = {
  FileNotFound: (file) => `File ${file} was not found`,
  FileAlreadyExists: (file) => `The specified key, name, or identifier '${file}' already exists.`,
  CannotDeleteFile: (file) => `Cannot delete file ${file}`,
  CannotAccessFile: (file) => `Unable to access file ${file}`,
  CannotCreateFile: (file) => `Cannot create file ${file}`,
};

/** Thrown when a file or folder is not as an operation needs it. `fault` is the vim25 fault for the answer. */
export class DatastoreFileError extends Error {
  readonly fault: FileFaultName;
  /** The datastore path of the file, `[datastore1] dir/file`. */
  readonly file: string;

  constructor(fault: FileFaultName, file: string) {
    super(SENTENCES[fault](file));
    this.name = "DatastoreFileError";
    this.fault = fault;
    this.file = file;
  }
}

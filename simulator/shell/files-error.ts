const SENTENCES = {
  ENOENT: "No such file or directory",
  EEXIST: "File exists",
  EISDIR: "Is a directory",
  ENOTDIR: "Not a directory",
  EBUSY: "Device or resource busy",
  ENOTEMPTY: "Directory not empty",
  ENOSPC: "No space left on device",
  EINVAL: "Invalid argument",
  EPERM: "Operation not permitted",
} as const;

export type FilesErrorCode = keyof typeof SENTENCES;

/** Thrown when a file is not as a command of the shell needs it. */
export class FilesError extends Error {
  readonly code: FilesErrorCode;

  constructor(code: FilesErrorCode) {
    super(SENTENCES[code]);
    this.name = "FilesError";
    this.code = code;
  }
}

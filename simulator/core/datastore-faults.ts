/** Errors of a datastore as vim25 faults. */
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { DatastoreFullError } from "../datastore/datastore-full-error.ts";
import { DatastorePathError } from "../datastore/datastore-path-error.ts";
import { DiskChainError } from "../disk/disk-chain-error.ts";
import { DiskFormatError } from "../disk/disk-format-error.ts";
import { asFault, VimFault } from "../soap/fault.ts";

export function fileFault(error: unknown): VimFault {
  if (error instanceof DatastoreFileError)
    return new VimFault(error.fault, error.message, { file: error.file });
  if (error instanceof DatastoreFullError) {
    return new VimFault("NoDiskSpace", `Insufficient disk space on datastore '${error.datastore}'.`, {
      file: `[${error.datastore}] ${error.path}`,
      datastore: error.datastore,
    });
  }
  if (error instanceof DatastorePathError) return invalidDatastorePath(error.datastorePath);
  if (error instanceof DiskChainError)
    return new VimFault("GenericVmConfigFault", chainSentence(error), { reason: error.message });
  if (error instanceof DiskFormatError) return new VimFault("InvalidDiskFormat", error.message);
  return asFault(error);
}

function chainSentence({ message, disk }: DiskChainError): string {
  return `${message} Cannot open the disk '${disk}' or one of the snapshot disks it depends on.`;
}

export function invalidDatastorePath(datastorePath: string): VimFault {
  return new VimFault("InvalidDatastorePath", `Invalid datastore path '${datastorePath}'.`, {
    datastorePath,
  });
}

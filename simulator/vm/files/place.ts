/** The place of a new VM's files. */

import { fileFault } from "../../core/datastore-faults.ts";
import { resolveDatastorePath } from "../../core/datastore-paths.ts";
import type { Datastore } from "../../datastore/datastore.ts";
import { DatastoreFileError } from "../../datastore/datastore-file-error.ts";
import type { DatastoreFile } from "../../datastore/file.ts";
import { parentFolder } from "../../datastore/path.ts";
import { invalidArgument, VimFault } from "../../soap/fault.ts";
import { fileBaseName } from "../identity/names.ts";

export interface Place {
  readonly vmxFile: DatastoreFile;
  /** True if the folder was made for this VM. It is removed if the VM is not made. */
  readonly madeFolder: boolean;
}

const MAX_ATTEMPTS = 1000;

/**
 * Makes the folder. For `[ds]` alone it has the VM's name, or `name_1` and so on if there is a folder of that name.
 * `[ds] dir/` means that folder, `[ds] dir/x.vmx` that file.
 *
 * @param name the VM's name as the host keeps it
 * @throws VimFault InvalidArgument, InvalidDatastorePath, FileAlreadyExists
 */
export async function placeVm(
  datastores: ReadonlyMap<string, Datastore>,
  vmPathName: string | undefined,
  name: string,
): Promise<Place> {
  if (vmPathName === undefined || vmPathName === "") throw invalidArgument("configSpec.files.vmPathName");
  const { datastore, path } = resolveDatastorePath(datastores, vmPathName);
  const base = fileBaseName(name);
  if (path === "") {
    for (let number = 0; number < MAX_ATTEMPTS; number++) {
      const folder = number === 0 ? base : `${base}_${number}`;
      try {
        await datastore.makeDirectory(folder);
        return { vmxFile: { datastore, path: `${folder}/${base}.vmx` }, madeFolder: true };
      } catch (error) {
        if (!(error instanceof DatastoreFileError && error.fault === "FileAlreadyExists"))
          throw fileFault(error);
      }
    }
  }
  const file = /\.vmx$/i.test(path) ? path : `${path}/${base}.vmx`;
  const folder = parentFolder(file);
  if (folder === "") throw invalidArgument("configSpec.files.vmPathName");
  if (await datastore.exists(file)) {
    const taken = datastore.datastorePath(file);
    throw new VimFault(
      "FileAlreadyExists",
      `The specified key, name, or identifier '${taken}' already exists.`,
      {
        file: taken,
      },
    );
  }
  const madeFolder = !(await datastore.exists(folder));
  if (madeFolder)
    await datastore.makeDirectory(folder, true).catch((error: unknown) => Promise.reject(fileFault(error)));
  return { vmxFile: { datastore, path: file }, madeFolder };
}

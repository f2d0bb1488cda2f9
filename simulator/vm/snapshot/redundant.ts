/** Which disks of a VM hold only data that no snapshot needs separately. */
import { type DatastoreFile, sameFile } from "../../datastore/file.ts";
import { parentFolder } from "../../datastore/path.ts";

/**
 * Disks in the VM's own folder that hold only data that no snapshot needs separately, each with the one disk above it.
 *
 * @param chains of the disks of the VM and its snapshots, each from the disk to its lowest base
 */
export function redundantDisks(
  chains: readonly (readonly DatastoreFile[])[],
  folder: DatastoreFile,
): { readonly child: DatastoreFile; readonly parent: DatastoreFile }[] {
  const users = chains.flatMap(([first]) => first ?? []);
  const links = chains.flatMap((chain) =>
    chain.slice(1).map((parent, index) => ({ child: chain[index] ?? parent, parent })),
  );
  const distinct = links.filter(
    ({ child }, index) => links.findIndex((one) => sameFile(one.child, child)) === index,
  );
  return distinct.filter(
    ({ parent }) =>
      parent.datastore === folder.datastore &&
      parentFolder(parent.path) === folder.path &&
      !users.some((one) => sameFile(one, parent)) &&
      distinct.filter((one) => sameFile(one.parent, parent)).length === 1,
  );
}

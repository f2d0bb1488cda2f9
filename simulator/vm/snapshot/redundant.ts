/** Which disks of a VM hold only what no snapshot needs. */
import { type DatastoreFile, sameFile } from "../../datastore/file.ts";
import { parentFolder } from "../../datastore/path.ts";

/**
 * Disks of the VM's own folder that hold only what no snapshot needs, each with the one disk on top of it.
 *
 * @param chains of the disks that the VM and its snapshots name, each from the disk to its last parent
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

import type { EsxiHost } from "../esxi-host.ts";
import { type ObservedDatastore, readDatastores } from "../inventory/datastores.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { called } from "../vm/reading/vm-name.ts";
import { datastoreOf, pathOnUnnamed } from "./datastore-path.ts";

/**
 * A host that does not reach a datastore now may say "there is no such file", or that there is no such datastore. The
 * files are not gone then, so that answer must not be believed.
 * @param cause What the host said.
 * @throws UnreadableError if the host does not reach the datastore.
 */
export async function refuseAway(host: EsxiHost, name: string, cause: unknown): Promise<void> {
  const why = whyAway(await readDatastores(host), name);
  if (why === undefined) return;
  throw new UnreadableError(
    `The datastore "${name}" of ${host.name} ${why}. What is on it is not gone, and nothing was changed. Bring it back, ` +
      "then run the same once more. If it is lost for good, take what was on it out of state with `pulumi state delete`.",
    { cause },
  );
}

/**
 * Refuses a change of disks of a machine while the host does not reach them. It could be done only in part: the files
 * would stay where they are, and nothing would tell any more whose they are.
 * @param files The disks. Those beside the machine's .vmx file are there, because the machine was read.
 * @param doing What was to be done, as `delete it`.
 * @throws UnreadableError if the host does not reach the datastore of one of them.
 */
export async function refuseDisksAway(
  host: EsxiHost,
  vm: { readonly name: string; readonly vmxPath: string },
  files: readonly string[],
  doing: string,
): Promise<void> {
  const refusal = (file: string, why: string) =>
    new UnreadableError(
      `${host.name}: the disk ${file} of "${vm.name}" is on a datastore that ${why}, so it is not possible to ${doing}. The ` +
        "disk is not gone, and nothing was changed. Bring the datastore back, then run the same once more. If it is lost " +
        "for good, remove the disk from the machine in the host's client, then run `pulumi refresh`.",
    );
  const unnamed = files.find((file) => pathOnUnnamed(file) !== undefined);
  if (unnamed !== undefined) throw refusal(unnamed, "the host does not have now");
  const elsewhere = files.filter((file) => datastoreOf(file) !== datastoreOf(vm.vmxPath));
  if (elsewhere.length === 0) return;
  const datastores = await readDatastores(host);
  for (const file of elsewhere) {
    const why = whyAway(datastores, datastoreOf(file));
    if (why !== undefined) throw refusal(file, why);
  }
}

/** Whether the host does not reach that datastore now. */
export const isAway = async (host: EsxiHost, name: string): Promise<boolean> =>
  whyAway(await readDatastores(host), name) !== undefined;

/** Why the host does not reach that datastore now. Undefined if it does. */
function whyAway(datastores: readonly ObservedDatastore[], name: string): string | undefined {
  const [datastore] = called(datastores, name, (one) => one.name);
  if (datastore === undefined) return "is not there now";
  return datastore.accessible ? undefined : "is not accessible to the host now";
}

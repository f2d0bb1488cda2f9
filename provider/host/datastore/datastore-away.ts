import type { EsxiHost } from "../esxi-host.ts";
import { readDatastores } from "../inventory/datastores.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { called } from "../vm/reading/vm-name.ts";

/**
 * A host that does not reach a datastore now may say "there is no such file", or that there is no such datastore. The
 * files are not gone then, so that answer must not be believed.
 * @param cause What the host said.
 * @throws UnreadableError if the host does not reach the datastore.
 */
export async function refuseAway(host: EsxiHost, name: string, cause: unknown): Promise<void> {
  const [datastore] = called(await readDatastores(host), name, (one) => one.name);
  if (datastore?.accessible) return;
  const why = datastore ? "is not accessible to the host now" : "is not there now";
  throw new UnreadableError(
    `The datastore "${name}" of ${host.name} ${why}. What is on it is not gone, and nothing was changed. Bring it back, ` +
      "then run the same once more. If it is lost for good, take what was on it out of state with `pulumi state delete`.",
    { cause },
  );
}

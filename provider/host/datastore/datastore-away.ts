import type { EsxiHost } from "../esxi-host.ts";
import { readDatastores } from "../inventory/datastores.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { called } from "../vm/reading/vm-name.ts";

/**
 * Keeps "there is no such file" from being believed of a datastore that the host does not reach now: what is on it is not
 * gone. Hosts say it in either way.
 * @param cause What the host said.
 * @throws UnreadableError
 */
export async function refuseAway(host: EsxiHost, name: string, cause: unknown): Promise<void> {
  const [datastore] = called(await readDatastores(host), name, (one) => one.name);
  if (datastore?.accessible) return;
  const why = datastore ? "is not accessible to the host now" : "is not there now";
  throw new UnreadableError(
    `The datastore "${name}" of ${host.name} ${why}. What is on it is not gone, and nothing was changed. Bring it back, ` +
      "then run the same once more; if it is lost for good, take what was on it out of state with `pulumi state delete`.",
    { cause },
  );
}

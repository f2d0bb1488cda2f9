import type { ManagedObjectReference } from "../../schema/index.ts";
import { didYouMean } from "../ovf/did-you-mean.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { HostFacts, Named, NamedDatastore } from "./host-facts.ts";
import { poolsCalled } from "./pool-paths.ts";

/** @throws HostError naming the datastores that there are. */
export async function findDatastore(host: EsxiHost, name: string | undefined): Promise<NamedDatastore> {
  const { datastores } = await host.facts();
  const found = name === undefined ? datastores : datastores.filter((datastore) => datastore.name === name);
  const [datastore] = found;
  if (datastore === undefined) {
    throw notThere(host, "datastore", name ?? "", datastores, "`datastore`");
  }
  if (found.length > 1) {
    throw new HostError(
      `${host.name} has several datastores (${names(datastores)}): say in \`datastore\` which one to use.`,
    );
  }
  if (!datastore.accessible) {
    throw new HostError(
      `The datastore "${datastore.name}" of ${host.name} is not accessible to the host now.`,
    );
  }
  return datastore;
}

/** @throws HostError naming the port groups that there are now. */
export async function findNetwork(
  host: EsxiHost,
  name: string,
  ovfName: string,
): Promise<ManagedObjectReference> {
  const { found, facts } = await findNow(host, ({ networks }) =>
    networks.find((candidate) => candidate.name === name),
  );
  if (found) return found.ref;
  const setting = `\`ovfNetworkMap\` for the OVF's network "${ovfName}"`;
  throw notThere(host, "port group", name, facts.networks, setting);
}

/**
 * The pool of that name or path; the host's root pool if there is no name.
 * @throws HostError naming the pools there are now, or those that the name fits.
 */
export async function findResourcePool(
  host: EsxiHost,
  name: string | undefined,
  setting = "resourcePool",
): Promise<ManagedObjectReference> {
  if (name === undefined) return (await host.facts()).rootPool;
  const { found, facts } = await findNow(host, ({ resourcePools }) => {
    const called = poolsCalled(resourcePools, name);
    return called.length > 0 ? called : undefined;
  });
  const [pool, another] = found ?? [];
  if (pool === undefined) throw notThere(host, "resource pool", name, facts.resourcePools, `\`${setting}\``);
  if (another === undefined) return pool.ref;
  const paths = (found ?? []).map(({ path }) => `"${path}"`).join(", ");
  throw new HostError(
    `${host.name} has several resource pools "${name}": set \`${setting}\` to the path of one, ${paths}. ` +
      "Nothing was changed.",
  );
}

/** What may have come only after the facts were read: made by this run, or by somebody else. */
async function findNow<T>(
  host: EsxiHost,
  find: (facts: HostFacts) => T | undefined,
): Promise<{ readonly found: T | undefined; readonly facts: HostFacts }> {
  const known = await host.facts();
  const found = find(known);
  if (found !== undefined) return { found, facts: known };
  host.forgetFacts();
  const facts = await host.facts();
  return { found: find(facts), facts };
}

function notThere(
  host: EsxiHost,
  what: string,
  name: string,
  known: readonly Named[],
  setting: string,
): HostError {
  const hint = didYouMean(
    name,
    known.map((item) => item.name),
    `${what}s`,
    host.name,
  );
  return new HostError(
    `${host.name} has no ${what} "${name}": ${hint}. Set ${setting} to one of them. Nothing was created.`,
  );
}

const names = (items: readonly Named[]) => items.map((item) => item.name).join(", ");

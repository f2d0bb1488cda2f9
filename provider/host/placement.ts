import type { ManagedObjectReference } from "../../schema/index.ts";
import { didYouMean } from "../ovf/did-you-mean.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { HostFacts, Named, NamedDatastore } from "./host-facts.ts";
import { poolsCalled } from "./pool-paths.ts";
import { UnreadableError } from "./unreadable-error.ts";
import { called } from "./vm-name.ts";

/**
 * @throws HostError naming the datastores that there are.
 * @throws UnreadableError if the host does not reach it now.
 */
export async function findDatastore(host: EsxiHost, name: string | undefined): Promise<NamedDatastore> {
  const those = ({ datastores }: HostFacts) =>
    name === undefined ? datastores : called(datastores, name, (one) => one.name);
  const { found, facts } = await findNow(host, (known) =>
    those(known).some(({ accessible }) => accessible) ? those(known) : undefined,
  );
  const all = found ?? those(facts);
  const [datastore] = all;
  if (datastore === undefined) {
    throw notThere(host, "datastore", name ?? "", facts.datastores, "`datastore`");
  }
  if (all.length > 1) {
    throw new HostError(
      `${host.name} has several datastores (${names(all)}): say in \`datastore\` which one to use.`,
    );
  }
  if (!datastore.accessible) {
    throw new UnreadableError(
      `The datastore "${datastore.name}" of ${host.name} is not accessible to the host now. What is on it is not gone. ` +
        "Bring it back, then run the same once more.",
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
  const { found, facts } = await findNow(host, ({ networks }) => {
    const all = called(networks, name, ({ spelled }) => spelled);
    return all.length > 0 ? all : undefined;
  });
  const [network, another] = found ?? [];
  const setting = `\`ovfNetworkMap\` for the OVF's network "${ovfName}"`;
  if (network === undefined) throw notThere(host, "port group", name, facts.networks, setting);
  if (another === undefined) return network.ref;
  throw new HostError(
    `${host.name} has several port groups that "${name}" may mean: ` +
      `${(found ?? []).map(({ spelled }) => `"${spelled}"`).join(", ")}. Rename all but one. Nothing was created.`,
  );
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

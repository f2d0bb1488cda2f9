import type { ManagedObjectReference } from "../../schema/index.ts";
import { didYouMean } from "../ovf/did-you-mean.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { Named, NamedDatastore } from "./host-facts.ts";

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

/** @throws HostError naming the port groups that there are. */
export async function findNetwork(
  host: EsxiHost,
  name: string,
  ovfName: string,
): Promise<ManagedObjectReference> {
  const { networks } = await host.facts();
  const network = networks.find((candidate) => candidate.name === name);
  if (network) return network.ref;
  const setting = `\`ovfNetworkMap\` for the OVF's network "${ovfName}"`;
  throw notThere(host, "port group", name, networks, setting);
}

/** The pool of that name; the host's root pool if there is no name. @throws HostError naming the pools there are. */
export async function findResourcePool(
  host: EsxiHost,
  name: string | undefined,
): Promise<ManagedObjectReference> {
  const { resourcePools, rootPool } = await host.facts();
  if (name === undefined) return rootPool;
  const pool = resourcePools.find((candidate) => candidate.name === name);
  if (pool) return pool.ref;
  throw notThere(host, "resource pool", name, resourcePools, "`resourcePool`");
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

import type { ManagedObjectReference } from "../../../schema/index.ts";
import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import type { HostFacts, Named, NamedDatastore, NamedNetwork } from "../host-facts.ts";
import { type NamedPool, poolsCalled } from "../pool/pool-paths.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { called } from "../vm/reading/vm-name.ts";

/**
 * The datastore of that name. Without a name, the only one that there is.
 * @throws HostError with the names of the datastores.
 * @throws UnreadableError if the host does not reach it now.
 */
export async function findDatastore(
  host: EsxiHost,
  name: string | undefined,
  setting?: string,
): Promise<NamedDatastore> {
  const facts = await factsWith(host, (known) =>
    datastoresCalled(known, name).some(({ accessible }) => accessible),
  );
  return theDatastore(host.name, facts, name, setting);
}

/** As {@link findDatastore}, by what is known of the host. */
export function theDatastore(
  hostName: string,
  facts: HostFacts,
  name: string | undefined,
  setting = "datastore",
): NamedDatastore {
  const all = datastoresCalled(facts, name);
  const [datastore] = all;
  if (datastore === undefined) {
    throw notThere(hostName, "datastore", name ?? "", facts.datastores, `\`${setting}\``);
  }
  if (all.length > 1) {
    throw new HostError(
      `${hostName} has several datastores (${names(all)}): say which one to use in the resource's argument ` +
        `\`${setting}\`, such as \`datastore: "${datastore.name}"\`.`,
    );
  }
  if (!datastore.accessible) {
    throw new UnreadableError(
      `The datastore "${datastore.name}" of ${hostName} is not accessible to the host now. What is on it is not gone. ` +
        "Bring it back, then run the same once more.",
    );
  }
  return datastore;
}

/**
 * The port group of that name.
 * @param setting Where the program names it, as a message says it.
 * @throws HostError with the names of the port groups that there are now, or that may be meant.
 */
export async function findNetwork(
  host: EsxiHost,
  name: string,
  setting: string,
): Promise<ManagedObjectReference> {
  const facts = await factsWith(host, (known) => networksCalled(known, name).length > 0);
  return theNetwork(host.name, facts, name, setting).ref;
}

/** As {@link findNetwork}, by what is known of the host. */
export function theNetwork(hostName: string, facts: HostFacts, name: string, setting: string): NamedNetwork {
  const all = networksCalled(facts, name);
  const [network, another] = all;
  if (network === undefined) throw notThere(hostName, "port group", name, facts.networks, setting);
  if (another === undefined) return network;
  throw new HostError(
    `${hostName} has several port groups that "${name}" may mean: ` +
      `${all.map(({ spelled }) => `"${spelled}"`).join(", ")}. Rename all but one. Nothing was created.`,
  );
}

/** How a message says where the port group of an OVF's network is named. */
export const inNetworkMap = (ovfName: string): string =>
  `\`ovfNetworkMap\` for the OVF's network "${ovfName}"`;

/**
 * The pool of that name or path. Without a name, the host's root pool.
 * @throws HostError with the names of the pools that there are now, or that may be meant.
 */
export async function findResourcePool(
  host: EsxiHost,
  name: string | undefined,
  setting = "resourcePool",
): Promise<ManagedObjectReference> {
  if (name === undefined) return (await host.facts()).rootPool;
  const facts = await factsWith(host, ({ resourcePools }) => poolsCalled(resourcePools, name).length > 0);
  return theResourcePool(host.name, facts, name, setting).ref;
}

/** As {@link findResourcePool}, by what is known of the host. */
export function theResourcePool(
  hostName: string,
  { resourcePools }: HostFacts,
  name: string,
  setting: string,
): NamedPool {
  const all = poolsCalled(resourcePools, name);
  const [pool, another] = all;
  if (pool === undefined) throw notThere(hostName, "resource pool", name, resourcePools, `\`${setting}\``);
  if (another === undefined) return pool;
  const paths = all.map(({ path }) => `"${path}"`).join(", ");
  throw new HostError(
    `${hostName} has several resource pools "${name}": set \`${setting}\` to the path of one, ${paths}. ` +
      "Nothing was changed.",
  );
}

const datastoresCalled = ({ datastores }: HostFacts, name: string | undefined) =>
  name === undefined ? datastores : called(datastores, name, (one) => one.name);

const networksCalled = ({ networks }: HostFacts, name: string) =>
  called(networks, name, ({ spelled }) => spelled);

/**
 * Facts that have the thing, if the host has it. This run or somebody else may have made it after the facts were read.
 * So they are read once more if it is missing.
 */
async function factsWith(host: EsxiHost, has: (facts: HostFacts) => boolean): Promise<HostFacts> {
  const known = await host.facts();
  if (has(known)) return known;
  host.forgetFacts();
  return host.facts();
}

/** The error that the host has nothing of that name. It says what was probably meant, and what there is. */
export function notThere(
  hostName: string,
  what: string,
  name: string,
  known: readonly { readonly name: string }[],
  setting: string,
): HostError {
  const hint = didYouMean(
    name,
    known.map((item) => item.name),
    `${what}s`,
    hostName,
  );
  return new HostError(
    `${hostName} has no ${what} "${name}": ${hint}. Set ${setting} to one of them. Nothing was created.`,
  );
}

const names = (items: readonly Named[]) => items.map((item) => item.name).join(", ");

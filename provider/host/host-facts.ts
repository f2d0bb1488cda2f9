import type {
  LicenseManagerLicenseInfo,
  ManagedObjectReference,
  ServiceContent,
} from "../../schema/index.ts";
import type { VimClient } from "../vim/client.ts";
import { retrieveInventory } from "../vim/reads/property-collector.ts";
import { HostError } from "./host-error.ts";
import { type NamedPool, withPaths } from "./pool/pool-paths.ts";
import { decodeVmName } from "./vm/reading/vm-name.ts";

/** What a standalone host is, and the roots of its inventory. */
export interface HostFacts {
  readonly content: ServiceContent;
  /** Hardware UUID. State remembers the host by it. */
  readonly hostUuid: string;
  /** "VMware ESXi 8.0.3 build-…", from 9.0 on without the build */
  readonly product: string;
  readonly apiVersion: string;
  readonly hostSystem: ManagedObjectReference;
  readonly vmFolder: ManagedObjectReference;
  readonly rootPool: ManagedObjectReference;
  readonly datastores: readonly NamedDatastore[];
  readonly networks: readonly NamedNetwork[];
  readonly resourcePools: readonly NamedPool[];
}

export interface Named {
  readonly ref: ManagedObjectReference;
  /** As people see it. */
  readonly name: string;
}

/** A network. Some hosts escape its name, and some do not. */
export interface NamedNetwork extends Named {
  readonly spelled: string;
}

export interface NamedDatastore extends Named {
  readonly accessible: boolean;
  /** Undefined where the host does not tell. */
  readonly capacityBytes: number | undefined;
}

/** Everything on a host that programs refer to by name. */
export interface HostSight {
  readonly facts: HostFacts;
  readonly vms: readonly Named[];
  /** Names of the standard switches; undefined where the host does not tell. */
  readonly switches: readonly string[] | undefined;
  /** Names of the physical network adapters; undefined where the host does not tell. */
  readonly physicalAdapters: readonly string[] | undefined;
  /** Undefined where the host does not tell. */
  readonly logicalCpus: number | undefined;
  /** Empty where the host does not tell. */
  readonly licenses: readonly LicenseManagerLicenseInfo[];
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

const FACTS = {
  HostSystem: ["hardware.systemInfo.uuid"],
  Datacenter: ["vmFolder"],
  ResourcePool: ["name", "parent"],
  Datastore: ["name", "summary.name", "summary.accessible", "summary.capacity"],
  Network: ["name"],
} as const;

const SIGHT = {
  ...FACTS,
  HostSystem: [...FACTS.HostSystem, "config.network.vswitch", "config.network.pnic", "hardware.cpuInfo"],
  VirtualMachine: ["name"],
  LicenseManager: ["licenses"],
} as const;

type Inventory = Awaited<ReturnType<typeof retrieveInventory<typeof FACTS>>>;

/** @throws HostError if this is a vCenter Server, or cannot be told from another host. */
export async function readHostFacts(client: VimClient): Promise<HostFacts> {
  const content = await contentOfHost(client);
  return factsOf(client, content, await retrieveInventory(client, FACTS));
}

/** @throws HostError as {@link readHostFacts} */
export async function readHostSight(client: VimClient): Promise<HostSight> {
  const content = await contentOfHost(client);
  const inventory = await retrieveInventory(client, SIGHT);
  const host = inventory.HostSystem[0]?.properties;
  return {
    facts: factsOf(client, content, inventory),
    vms: inventory.VirtualMachine.map(({ ref, properties }) => ({
      ref,
      name: decodeVmName(properties.name ?? ""),
    })),
    switches: host?.["config.network.vswitch"]?.map(({ name }) => name),
    physicalAdapters: host?.["config.network.pnic"]?.map(({ device }) => device),
    logicalCpus: host?.["hardware.cpuInfo"]?.numCpuThreads,
    licenses: inventory.LicenseManager[0]?.properties.licenses ?? [],
  };
}

async function contentOfHost(client: VimClient): Promise<ServiceContent> {
  const content = await client.serviceContent();
  if (content.about.apiType === "VirtualCenter") {
    throw new HostError(
      `${client.host} is a vCenter Server, and pulumi-esxi-direct works with ESXi hosts directly. ` +
        "Set esxi:host to one of its hosts, or use @pulumi/vsphere.",
    );
  }
  return content;
}

function factsOf(client: VimClient, content: ServiceContent, inventory: Inventory): HostFacts {
  const {
    HostSystem: hosts,
    Datacenter: datacenters,
    ResourcePool: pools,
    Datastore: datastores,
    Network: networks,
  } = inventory;
  const host = hosts[0];
  const vmFolder = datacenters[0]?.properties.vmFolder;
  const rootPool = pools.find(({ properties }) => properties.parent?.type !== "ResourcePool")?.ref;
  const hostUuid = host?.properties["hardware.systemInfo.uuid"];
  if (host === undefined || vmFolder === undefined || rootPool === undefined || !hostUuid) {
    throw new HostError(
      `${client.host}: the host's inventory has no host, VM folder or root resource pool to work with.`,
    );
  }
  if (!UUID.test(hostUuid)) {
    throw new HostError(
      `${client.host}: what the host says of itself is no hardware UUID, by which it could be told from others. ` +
        "Nothing was done.",
    );
  }
  return {
    content,
    hostUuid,
    product: content.about.fullName,
    apiVersion: content.about.apiVersion,
    hostSystem: host.ref,
    vmFolder,
    rootPool,
    datastores: datastores.map(({ ref, properties }) => ({
      ref,
      // What stands in paths, which the object's own name need not be.
      name: properties["summary.name"] ?? decodeVmName(properties.name ?? ""),
      accessible: properties["summary.accessible"] ?? true,
      capacityBytes: properties["summary.capacity"],
    })),
    networks: networks.map(({ ref, properties: { name: spelled = "" } }) => ({
      ref,
      name: decodeVmName(spelled),
      spelled,
    })),
    resourcePools: withPaths(pools),
  };
}

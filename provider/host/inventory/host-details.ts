import { retrieveInventory, retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sharedRead } from "../per-host.ts";
import { mayApiWrite } from "../shell/choose-transport.ts";
import { decodeVmName } from "../vm/reading/vm-name.ts";

const MIB = 1024 ** 2;

/** What the host is made of, what it runs and what it has, as it is now. */
export const readHostDetails = sharedRead(async (host: EsxiHost) => {
  const { hostUuid, content } = await host.facts();
  const [inventory, license, apiWritable] = await Promise.all([
    retrieveInventory(host.client, {
      HostSystem: ["summary.hardware"],
      VirtualMachine: ["summary.config.memorySizeMB", "summary.config.numCpu"],
      Datastore: ["name"],
      Network: ["name"],
      ResourcePool: ["name"],
    }),
    readLicense(host),
    mayApiWrite(host),
  ]);
  const hardware = inventory.HostSystem[0]?.properties["summary.hardware"];
  const { fullName, version, build, apiVersion } = content.about;
  return {
    hostUuid,
    product: fullName,
    version,
    build,
    apiVersion,
    vendor: hardware?.vendor ?? "",
    model: hardware?.model ?? "",
    cpuModel: hardware?.cpuModel ?? "",
    numCpuCores: hardware?.numCpuCores ?? 0,
    numCpuThreads: hardware?.numCpuThreads ?? 0,
    cpuMhz: hardware?.cpuMhz ?? 0,
    memory: Math.floor((hardware?.memorySize ?? 0) / MIB),
    memoryAssigned: sumOf(inventory.VirtualMachine, "summary.config.memorySizeMB"),
    numCpusAssigned: sumOf(inventory.VirtualMachine, "summary.config.numCpu"),
    ...license,
    apiWritable,
    datastores: namesOf(inventory.Datastore),
    networks: namesOf(inventory.Network),
    resourcePools: namesOf(inventory.ResourcePool),
  };
});

/** A machine counts as 0 if the host does not tell its value now. */
const sumOf = <K extends string>(
  vms: readonly { readonly properties: { readonly [P in K]?: number | undefined } }[],
  property: K,
): number => vms.reduce((sum, { properties }) => sum + (properties[property] ?? 0), 0);

/** Empty texts if the host does not tell this user. */
async function readLicense(
  host: EsxiHost,
): Promise<{ readonly licenseName: string; readonly licenseEdition: string }> {
  const { licenseManager } = (await host.facts()).content;
  const { licenses } = licenseManager
    ? await retrieveOne(host.client, licenseManager, "LicenseManager", ["licenses"])
    : {};
  const [license] = licenses ?? [];
  return { licenseName: license?.name ?? "", licenseEdition: license?.editionKey ?? "" };
}

const namesOf = (found: readonly { readonly properties: { readonly name?: string | undefined } }[]) =>
  found.map(({ properties }) => decodeVmName(properties.name ?? "")).sort();

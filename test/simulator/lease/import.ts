/** The steps of an OVA import by hand. */
import type { Simulator } from "../../../simulator/index.ts";
import { type BuiltOva, buildOva, type OvaOptions } from "../../support/ova-builder.ts";
import { allTexts, COLLECTOR, escapeXml, firstText, type RawClient } from "../host/raw-client.ts";

export interface ImportSpec {
  readonly ova: BuiltOva;
  /** The spec as ImportVApp takes it. */
  readonly spec: string;
  readonly files: readonly { readonly deviceId: string; readonly path: string; readonly create: boolean }[];
}

export async function importSpec(
  client: RawClient,
  name: string,
  options: OvaOptions & { readonly descriptor?: string } = {},
): Promise<ImportSpec> {
  const ova = buildOva(options);
  const datastore = /<ManagedObjectReference type="Datastore">([^<]+)</.exec(
    await client.read("Folder:ha-folder-datastore", "childEntity"),
  )?.[1];
  const text = await client.ok(
    "CreateImportSpec",
    "OvfManager:ha-ovf-manager",
    `<ovfDescriptor>${escapeXml(options.descriptor ?? ova.descriptor)}</ovfDescriptor><resourcePool type="ResourcePool">ha-root-pool</resourcePool>` +
      `<datastore type="Datastore">${datastore}</datastore>` +
      `<cisp><locale></locale><deploymentOption></deploymentOption><entityName>${name}</entityName><diskProvisioning>thin</diskProvisioning></cisp>`,
  );
  const spec = /<importSpec [^>]*>([\s\S]*)<\/importSpec>/.exec(text)?.[1];
  if (spec === undefined)
    throw new Error(`CreateImportSpec: ${allTexts(text, "localizedMessage").join("; ")}`);
  const files = [...text.matchAll(/<fileItem>([\s\S]*?)<\/fileItem>/g)].map(([, item = ""]) => ({
    deviceId: firstText(item, "deviceId"),
    path: firstText(item, "path"),
    create: firstText(item, "create") === "true",
  }));
  return { ova, spec: `<spec xsi:type="VirtualMachineImportSpec">${spec}</spec>`, files };
}

export interface OpenLease {
  /** `HttpNfcLease:id` */
  readonly lease: string;
  readonly vm: string;
  readonly task: string;
  /** Path of each file's URL, by its import key. */
  readonly urls: ReadonlyMap<string, string>;
  readonly info: string;
}

/** Calls ImportVApp and waits until the lease is ready. */
export async function openLease(client: RawClient, simulator: Simulator, spec: string): Promise<OpenLease> {
  const id = firstText(
    await client.ok(
      "ImportVApp",
      "ResourcePool:ha-root-pool",
      `${spec}<folder type="Folder">ha-folder-vm</folder>`,
    ),
    "returnval",
  );
  const lease = `HttpNfcLease:${id}`;
  const state = await leaseState(client, lease, "initializing");
  if (state !== "ready") throw new Error(`lease: ${state}`);
  const info = await client.read(lease, "info");
  const urls = new Map(
    [...info.matchAll(/<importKey>([^<]+)<\/importKey><url>https:\/\/\*([^<]+)<\/url>/g)].map(
      ([, key = "", url = ""]) => [key, url],
    ),
  );
  const task = simulator.tasks().findLast(({ name }) => name === "ImportVApp")?.key ?? "";
  return { lease, vm: `VirtualMachine:${firstText(info, "entity")}`, task, urls, info };
}

/** The lease's state as soon as it is another than `than`. */
export async function leaseState(client: RawClient, lease: string, than: string): Promise<string> {
  const collector = `PropertyCollector:${firstText(await client.ok("CreatePropertyCollector", COLLECTOR), "returnval")}`;
  await client.ok(
    "CreateFilter",
    collector,
    `<spec><propSet><type>HttpNfcLease</type><pathSet>state</pathSet></propSet><objectSet><obj type="HttpNfcLease">${lease.split(":")[1]}</obj></objectSet></spec><partialUpdates>false</partialUpdates>`,
  );
  for (let version = ""; ; ) {
    const text = await client.ok("WaitForUpdatesEx", collector, `<version>${version}</version>`);
    version = firstText(text, "version");
    const state = firstText(text, "val");
    if (state !== than) return state;
  }
}

export const DISK_TYPE = { "Content-Type": "application/x-vnd.vmware-streamVmdk" };

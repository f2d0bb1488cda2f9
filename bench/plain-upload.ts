/**
 * What the product's transfer is compared with: a process that sends a disk to a lease's URL with undici alone, reading
 * 1 MiB at a time and digesting it. `node plain-upload.ts OVA OFFSET LENGTH`; the host is in ESXI_*.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { Agent, request } from "undici";
import { HttpNfcLease, resolveDeviceUrl } from "../provider/nfc/index.ts";
import { openOvaSource } from "../provider/ovf/source/source.ts";
import { VimClient } from "../provider/vim/client.ts";
import { create, isA } from "../provider/vim/codec/objects.ts";
import { retrieveAll } from "../provider/vim/reads/property-collector.ts";
import { createHostAgent } from "../provider/vim/tls/tls.ts";

const CHUNK_BYTES = 1024 * 1024;

async function* digested(path: string, start: number, length: number): AsyncGenerator<Buffer, void, void> {
  const hash = createHash("sha256");
  const file = createReadStream(path, { start, end: start + length - 1, highWaterMark: CHUNK_BYTES });
  for await (const chunk of file) {
    hash.update(chunk);
    yield chunk;
  }
  hash.digest("hex");
}

async function main(ova: string, offset: number, length: number): Promise<void> {
  const { ESXI_HOST = "", ESXI_USERNAME = "", ESXI_PASSWORD = "", ESXI_THUMBPRINT } = process.env;
  const { origin } = new URL(ESXI_HOST);
  const hostAgent = createHostAgent({ origin, thumbprint: ESXI_THUMBPRINT });
  const client = new VimClient({
    host: "vcsim",
    origin,
    username: ESXI_USERNAME,
    password: () => ESXI_PASSWORD,
    agent: hostAgent,
  });
  const { lease, url } = await leaseFor(client, ova, origin);
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const response = await request(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-vnd.vmware-streamVmdk",
      "content-length": String(length),
    },
    body: Readable.from(digested(ova, offset, length)),
    dispatcher: agent,
  });
  await response.body.dump();
  if (response.statusCode !== 200) throw new Error(`The host answered HTTP ${response.statusCode}.`);
  await lease.complete();
  await client.logout();
  await Promise.all([agent.close(), hostAgent.close()]);
}

async function leaseFor(client: VimClient, ova: string, origin: string) {
  const { ovfManager } = await client.serviceContent();
  const [[pool], [datastore], [network], [datacenter]] = await Promise.all([
    retrieveAll(client, "ResourcePool", ["name"]),
    retrieveAll(client, "Datastore", ["name"]),
    retrieveAll(client, "Network", ["name"]),
    retrieveAll(client, "Datacenter", ["vmFolder"]),
  ]);
  const folder = datacenter?.properties.vmFolder;
  if (!ovfManager || !pool || !datastore || !network || !folder)
    throw new Error("The host's inventory is not whole.");
  const source = await openOvaSource(ova);
  const { importSpec } = await client.call(ovfManager, "CreateImportSpec", {
    ovfDescriptor: source.descriptor,
    resourcePool: pool.ref,
    datastore: datastore.ref,
    cisp: create("OvfCreateImportSpecParams", {
      locale: "",
      deploymentOption: "",
      entityName: "plain",
      networkMapping: source.ovf.networks.map(({ name }) =>
        create("OvfNetworkMapping", { name, network: network.ref }),
      ),
      diskProvisioning: "thin",
    }),
  });
  await source.close();
  if (!importSpec || !isA(importSpec, "VirtualMachineImportSpec"))
    throw new Error("The host gave no import spec.");
  const lease = new HttpNfcLease(
    client,
    await client.call(pool.ref, "ImportVApp", { spec: importSpec, folder }),
  );
  const [device] = (await lease.waitReady()).deviceUrl ?? [];
  if (!device) throw new Error("The lease has no URL.");
  return { lease, url: resolveDeviceUrl(device.url, origin) };
}

const [ova = "", offset, length] = process.argv.slice(2);
await main(ova, Number(offset), Number(length));

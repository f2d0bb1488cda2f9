/** What the raw host has, in a form that two runs of the same program make alike. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { configManager } from "../../../../provider/host/config-manager.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { OWNER_MARK_KEY, parseOwnerMark } from "../../../../provider/host/vm/reading/owner-mark.ts";
import { retrieveAll, retrieveOne } from "../../../../provider/vim/reads/property-collector.ts";
import type { VirtualDevice } from "../../../../schema/index.ts";
import type { SimulatedVm } from "../../../../simulator/index.ts";
import type { Lab } from "../lab.ts";

/** What the tables compare; nothing in it differs between two machines that were made alike. */
export interface Picture {
  readonly machines: readonly unknown[];
  /** Digests of the contents by path; "" for folders and files that change by themselves. */
  readonly files: Readonly<Record<string, string>>;
  readonly network: unknown;
  readonly pools: unknown;
  readonly services: unknown;
  readonly autoStart: unknown;
  readonly leases: number;
}

/** @param changing Files whose content may differ between two runs. */
export async function picture(lab: Lab, observer: EsxiHost, changing: RegExp): Promise<Picture> {
  const { client } = observer;
  const manager = await configManager(observer);
  const { networkSystem, serviceSystem, autoStartManager } = manager;
  if (!networkSystem || !serviceSystem || !autoStartManager) throw new Error("The host lacks a manager.");
  const [vms, pools, network, services, autoStart, contents] = await Promise.all([
    retrieveAll(client, "VirtualMachine", ["snapshot"]),
    retrieveAll(client, "ResourcePool", ["name", "config"]),
    retrieveOne(client, networkSystem, "HostNetworkSystem", ["networkInfo"]),
    retrieveOne(client, serviceSystem, "HostServiceSystem", ["serviceInfo"]),
    retrieveOne(client, autoStartManager, "HostAutoStartManager", ["config"]),
    lab.raw.contents(),
  ]);
  const snapshotsOf = new Map(vms.map(({ ref, properties }) => [ref.value, properties.snapshot]));
  const nameOf = new Map(lab.raw.simulator.vms().map(({ moid, name }) => [moid, name]));
  return {
    machines: lab.raw.simulator
      .vms()
      .map((vm) => ({ ...machine(vm), snapshots: snapshotNames(snapshotsOf.get(vm.moid)?.rootSnapshotList) }))
      .sort((one, other) => (one.path < other.path ? -1 : 1)),
    files: await digests(lab, contents.files, changing),
    network: {
      portGroups: network.networkInfo?.portgroup?.map(({ spec }) => spec).sort(byName),
      switches: network.networkInfo?.vswitch?.map(({ name, spec }) => ({ name, spec })).sort(byName),
    },
    pools: pools
      .map(({ properties: { name, config } }) => ({
        name,
        cpu: config?.cpuAllocation,
        memory: config?.memoryAllocation,
      }))
      .sort(byName),
    services: services.serviceInfo?.service?.map(({ key, running, policy }) => ({ key, running, policy })),
    autoStart: autoStart.config?.powerInfo?.map(({ key, ...entry }) => ({
      ...entry,
      name: nameOf.get(key.value),
    })),
    leases: contents.leases,
  };
}

/** What differs between two pictures, a line each; nothing if they are alike. */
export function differences(now: object, wanted: object): string[] {
  const [there, expected] = [linesOf(now), linesOf(wanted)];
  return [
    ...expected.filter((line) => !there.includes(line)).map((line) => `- ${line}`),
    ...there.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}

const linesOf = (all: object): string[] =>
  Object.entries(all).flatMap(([part, value]: [string, unknown]) => {
    if (Array.isArray(value)) return value.map((each) => `${part}: ${JSON.stringify(each)}`);
    if (typeof value !== "object" || value === null) return [`${part}: ${String(value)}`];
    return Object.entries(value).map(([key, each]) => `${part}: ${key} ${JSON.stringify(each)}`);
  });

const byName = (one: { readonly name?: unknown }, other: { readonly name?: unknown }) =>
  String(one.name) < String(other.name) ? -1 : 1;

function machine({ name, powerState, vmxPath, config }: SimulatedVm) {
  const { numCPU, memoryMB, device = [] } = config.hardware;
  const settings = (config.extraConfig ?? []).filter(({ key }) => /^(pulumi-|guestinfo\.)/.test(key));
  const owner = settings.find(({ key }) => key === OWNER_MARK_KEY)?.value;
  return {
    name,
    powerState,
    path: vmxPath,
    numCPU,
    memoryMB,
    annotation: config.annotation,
    devices: device
      .map(described)
      .filter((text) => text !== "")
      .sort(),
    settings: settings.map(({ key }) => key).sort(),
    owner: typeof owner === "string" ? parseOwnerMark(owner)?.phase : undefined,
  };
}

/** A device by its kind and what is behind it. */
function described({ $type = "", backing, unitNumber }: VirtualDevice): string {
  if (!/Disk|Cdrom|Vmxnet|E1000|Ethernet/.test($type)) return "";
  const { fileName, deviceName } = { fileName: "", deviceName: "", ...backing };
  return `${$type} ${unitNumber ?? ""} ${fileName || deviceName}`;
}

interface Tree {
  readonly name: string;
  readonly description: string;
  readonly childSnapshotList?: readonly Tree[] | undefined;
}

function snapshotNames(trees: readonly Tree[] = []): unknown[] {
  return trees.map(({ name, description, childSnapshotList }) => [
    name,
    // The mark of a finished snapshot names the machine, which is another one each time.
    description.replace(/(?<= |^)\[pulumi-esxi-direct [\da-f]{16}\]$/, "[marked]"),
    ...snapshotNames(childSnapshotList),
  ]);
}

async function digests(
  lab: Lab,
  files: readonly string[],
  changing: RegExp,
): Promise<Record<string, string>> {
  const digest = async (file: string): Promise<[string, string]> => {
    if (file.endsWith("/") || changing.test(file)) return [file, ""];
    const bytes = await readFile(lab.raw.simulator.localFile(file));
    return [file, createHash("sha256").update(bytes).digest("hex")];
  };
  return Object.fromEntries(
    (await Promise.all(files.map(digest))).map(([file, text]) => {
      // A snapshot that could not be taken has had a number all the same.
      const isSnapshot = file.endsWith(".vmsn");
      // A pool's mark is named after the pool's id.
      const mark = /^(.*\.pulumi-esxi-direct-ResourcePool-)\w+(.*)$/.exec(file);
      if (mark) return [`${mark[1]}…${mark[2]}`, text];
      return isSnapshot ? [file.replace(/\d+\.vmsn$/, `${text.slice(0, 8)}.vmsn`), ""] : [file, text];
    }),
  );
}

/** HostSystem: hardware, state, and references to its managers. */
import type { HostListSummary, HostRuntimeInfo } from "../../schema/index.ts";
import { CPU, MEMORY_BYTES } from "../core/cpu-and-memory.ts";
import * as ids from "../core/ids.ts";
import { entity, reference } from "../core/objects.ts";
import type { Part } from "../handlers.ts";
import { datastoreRefs, type HostContext, networkRefs } from "../host-context.ts";
import { PNICS } from "../network/network-ports.ts";
import { networkInfo } from "../network/network-system.ts";
import type { Networking } from "../network/networking.ts";
import type { Vms } from "../vm/vms.ts";

const VENDOR = "VMware, Inc.";
const MODEL = "ESXi simulator";

export function hostSystem(host: HostContext, vms: Vms, networking: Networking): Part {
  const runtime = (): HostRuntimeInfo => ({
    connectionState: "connected",
    powerState: "poweredOn",
    standbyMode: "none",
    inMaintenanceMode: false,
    bootTime: host.bootTime.toISOString(),
    hostMaxVirtualDiskCapacity: 68_169_720_922_112,
  });
  const summary = (): HostListSummary => ({
    host: ids.HOST,
    hardware: {
      vendor: VENDOR,
      model: MODEL,
      uuid: host.identity.uuid,
      memorySize: MEMORY_BYTES,
      cpuModel: CPU.model,
      cpuMhz: CPU.mhz,
      numCpuPkgs: CPU.packages,
      numCpuCores: CPU.cores,
      numCpuThreads: CPU.threads,
      numNics: PNICS.length,
      numHBAs: 1,
    },
    runtime: runtime(),
    config: {
      name: "localhost.localdomain",
      port: 443,
      product: host.about,
      vmotionEnabled: false,
      faultToleranceEnabled: false,
    },
    quickStats: {
      overallCpuUsage: 0,
      overallMemoryUsage: 2048,
      uptime: Math.floor((Date.now() - host.bootTime.getTime()) / 1000),
    },
    overallStatus: "green",
    rebootRequired: false,
  });
  const own = {
    runtime,
    summary,
    hardware: () => hardware(host.identity.uuid),
    capability: () => undefined,
    licensableResource: () => ({ resource: [{ key: "numCpuPackages", value: CPU.packages }] }),
    configManager: () => ({
      ...ids.MANAGERS,
      licenseManager: ids.LICENSE_MANAGER,
      advancedOption: reference("OptionManager", "ha-adv-options"),
    }),
    config: () => ({
      host: ids.HOST,
      product: host.about,
      network: networkInfo(networking, vms),
      option: [],
    }),
    vm: () => vms.references(),
    datastore: () => datastoreRefs(host),
    network: () => networkRefs(host),
    datastoreBrowser: () => ids.DATASTORE_BROWSER,
    systemResources: () => ({ key: "host", child: [] }),
  };
  return { objects: [entity(ids.HOST, "localhost.localdomain", ids.COMPUTE_RESOURCE, own)] };
}

function hardware(uuid: string): Record<string, unknown> {
  const threadsPerPackage = CPU.threads / CPU.packages;
  const hz = CPU.mhz * 1_000_000;
  return {
    systemInfo: { vendor: VENDOR, model: MODEL, uuid, serialNumber: "None" },
    cpuInfo: { numCpuPackages: CPU.packages, numCpuCores: CPU.cores, numCpuThreads: CPU.threads, hz },
    cpuPkg: Array.from({ length: CPU.packages }, (_, index) => ({
      index,
      vendor: "intel",
      hz,
      busHz: 100_000_000,
      description: CPU.model,
      threadId: Array.from({ length: threadsPerPackage }, (_, thread) => index * threadsPerPackage + thread),
    })),
    memorySize: MEMORY_BYTES,
    smcPresent: false,
    biosInfo: { biosVersion: "6.00", releaseDate: "2023-05-28T00:00:00Z" },
  };
}

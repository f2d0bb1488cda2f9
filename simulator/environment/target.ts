/** The answer of QueryConfigTarget: the host's networks, datastores and devices that a VM can use. */
import type { ConfigTarget } from "../../schema/index.ts";
import { CPU, MEMORY_BYTES } from "../core/cpu-and-memory.ts";
import { HOST_CDROM, HOST_FLOPPY, HOST_SERIAL } from "../core/devices.ts";
import * as ids from "../core/ids.ts";
import type { HostContext } from "../host-context.ts";
import { DATASTORE_CAPABILITY, datastoreSummary } from "../storage/datastore.ts";

const MAX_FILE = 70_368_744_177_664;

export function configTarget(host: HostContext): ConfigTarget {
  const device = (name: string) => ({ name, configurationTag: [] });
  const memoryMB = Math.floor(MEMORY_BYTES / 1024 ** 2);
  return {
    numCpus: CPU.threads,
    numCpuCores: CPU.cores,
    numNumaNodes: CPU.packages,
    maxCpusPerHost: CPU.threads,
    smcPresent: false,
    datastore: [...host.datastores.values()].map((datastore) => ({
      name: datastore.name,
      datastore: datastoreSummary(datastore),
      capability: DATASTORE_CAPABILITY,
      maxFileSize: MAX_FILE,
      maxVirtualDiskCapacity: MAX_FILE,
      mode: "readWrite",
      vStorageSupport: "vStorageUnsupported",
    })),
    network: host.networks.map((name) => ({
      name,
      network: { network: ids.networkRef(name), name, accessible: true, ipPoolName: "" },
    })),
    cdRom: [device(HOST_CDROM)],
    serial: [device(HOST_SERIAL)],
    floppy: [device(HOST_FLOPPY)],
    maxMemMBOptimalPerf: memoryMB,
    supportedMaxMemMB: memoryMB,
    autoVmotion: false,
    maxSimultaneousThreads: 1,
  };
}

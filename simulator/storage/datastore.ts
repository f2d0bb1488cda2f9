/** Datastore: each VMFS volume as the API shows it. */
import type { DatastoreCapability, DatastoreSummary } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { entity, type ManagedObject, type PropertyReaders } from "../core/objects.ts";
import type { Datastore } from "../datastore/datastore.ts";
import { escapedName } from "../vm/identity/names.ts";
import type { Vms } from "../vm/vms.ts";
import { browserObject } from "./datastore-browser.ts";

const MAX_FILE = 70_368_744_177_664;
const MAX_MEMORY_FILE = 274_877_906_944;

/** The objects of one datastore: itself, and its browser. */
export function datastoreObjects(datastore: Datastore, vms: Vms): ManagedObject[] {
  const ref = ids.datastoreRef(datastore.uuid);
  return [
    entity(ref, escapedName(datastore.name), ids.DATASTORE_FOLDER, readersOf(datastore, vms)),
    browserObject(ids.datastoreBrowserRef(datastore.uuid), () => [ref]),
  ];
}

function readersOf(datastore: Datastore, vms: Vms): PropertyReaders {
  const url = `/vmfs/volumes/${datastore.uuid}`;
  return {
    info: () => ({
      $type: "VmfsDatastoreInfo",
      name: datastore.name,
      url,
      freeSpace: datastore.freeBytes(),
      maxFileSize: MAX_FILE,
      maxVirtualDiskCapacity: MAX_FILE,
      maxMemoryFileSize: MAX_MEMORY_FILE,
      timestamp: new Date().toISOString(),
      maxPhysicalRDMFileSize: MAX_FILE,
      maxVirtualRDMFileSize: MAX_FILE,
      vmfs: {
        type: "VMFS",
        name: datastore.name,
        capacity: datastore.capacityBytes,
        blockSizeMb: 1,
        maxBlocks: 63_963_136,
        majorVersion: 6,
        version: "6.82",
        uuid: datastore.uuid,
        extent: [{ diskName: `naa.${datastore.uuid.replaceAll("-", "").slice(0, 32)}`, partition: 8 }],
        vmfsUpgradable: false,
        ssd: true,
        local: true,
      },
    }),
    summary: () => datastoreSummary(datastore),
    host: () => [
      {
        key: ids.HOST,
        mountInfo: { path: url, accessMode: "readWrite", mounted: true, accessible: datastore.accessible },
      },
    ],
    vm: () => vms.onDatastore(datastore.name),
    browser: () => ids.datastoreBrowserRef(datastore.uuid),
    capability: () => DATASTORE_CAPABILITY,
    iormConfiguration: () => undefined,
  };
}

export const DATASTORE_CAPABILITY: DatastoreCapability = {
  directoryHierarchySupported: true,
  rawDiskMappingsSupported: true,
  perFileThinProvisioningSupported: true,
  storageIORMSupported: false,
  nativeSnapshotSupported: false,
  topLevelDirectoryCreateSupported: true,
  seSparseSupported: true,
};

export function datastoreSummary(datastore: Datastore): DatastoreSummary {
  return {
    datastore: ids.datastoreRef(datastore.uuid),
    name: datastore.name,
    url: `/vmfs/volumes/${datastore.uuid}`,
    capacity: datastore.accessible ? datastore.capacityBytes : 0,
    freeSpace: datastore.accessible ? datastore.freeBytes() : 0,
    uncommitted: 0,
    accessible: datastore.accessible,
    multipleHostAccess: false,
    type: "VMFS",
    maintenanceMode: "normal",
  };
}

/** VirtualDiskManager: disks that no VM need have. */
import { copyFile } from "node:fs/promises";
import type {
  FileBackedVirtualDiskSpec,
  ManagedObjectReference,
  VirtualDiskSpec,
} from "../../schema/index.ts";
import { fileFault } from "../datastore-faults.ts";
import { diskCapacity } from "../disk/descriptor.ts";
import {
  createEmptyDisk,
  type DiskProvisioning,
  deleteDisk,
  extendDisk,
  flatPathOf,
  readDescriptor,
} from "../disk/disk.ts";
import { resolveDatastorePath } from "../host/datastore-paths.ts";
import type { Host } from "../host/host.ts";
import { VIRTUAL_DISK_MANAGER } from "../host/ids.ts";
import { invalidArgument } from "../soap/fault.ts";
import { type Call, type Handlers, sessionOf } from "../soap/handlers.ts";
import type { DatastoreFile } from "../vm/device/context.ts";
import { fault } from "./files.ts";

const PROVISIONING: Readonly<Record<string, DiskProvisioning>> = {
  thin: "thin",
  preallocated: "thick",
  thick: "thick",
  eagerZeroedThick: "eagerZeroedThick",
};
const ADAPTERS: Readonly<Record<string, string>> = { lsiLogic: "lsilogic", busLogic: "buslogic", ide: "ide" };

export function diskHandlers(host: Host): Handlers {
  const resolve = (path: string): DatastoreFile => {
    const file = resolveDatastorePath(host.datastores, path);
    if (!/\.vmdk$/i.test(file.path)) throw invalidArgument("name");
    return file;
  };

  const diskTask = (call: Call, operation: string, work: () => Promise<unknown>): ManagedObjectReference =>
    host.tasks.start(
      {
        method: call.method,
        operation: `vim.VirtualDiskManager.${operation}`,
        entity: VIRTUAL_DISK_MANAGER,
        entityName: "",
        userName: sessionOf(call).userName,
        fault: call.taskFault,
      },
      async () => {
        await work().catch((error: unknown) => Promise.reject(fileFault(error)));
        host.datastoresChanged();
      },
    );

  const unlocked = (file: DatastoreFile): void => {
    if (host.vms.isLocked(file.datastore, file.path)) throw fault("FileLocked", file);
  };

  return {
    CreateVirtualDisk_Task(call, { name, spec }) {
      const { datastore, path: descriptorPath } = resolve(name);
      if (!isFileBacked(spec)) throw invalidArgument("spec");
      const target = { datastore, descriptorPath, ...diskType(spec) };
      return diskTask(call, "createVirtualDisk", () => createEmptyDisk(target, spec.capacityKb * 1024));
    },

    DeleteVirtualDisk_Task(call, { name }) {
      const file = resolve(name);
      return diskTask(call, "deleteVirtualDisk", async () => {
        unlocked(file);
        await deleteDisk(file.datastore, file.path);
      });
    },

    ExtendVirtualDisk_Task(call, { name, newCapacityKb }) {
      const file = resolve(name);
      return diskTask(call, "extendVirtualDisk", async () => {
        unlocked(file);
        await extendDisk(file.datastore, file.path, newCapacityKb * 1024).catch((error: unknown) => {
          throw error instanceof RangeError ? invalidArgument("newCapacityKb") : error;
        });
      });
    },

    /** `force` changes nothing: a file that is there is an error. */
    CopyVirtualDisk_Task(call, { sourceName, destName, destSpec }) {
      const from = resolve(sourceName);
      const to = resolve(destName);
      return diskTask(call, "copyVirtualDisk", async () => {
        unlocked(from);
        const source = await readDescriptor(from.datastore, from.path);
        const type = destSpec
          ? diskType(destSpec)
          : { provisioning: "thick" as const, adapterType: source.adapterType };
        await createEmptyDisk(
          { datastore: to.datastore, descriptorPath: to.path, ...type },
          diskCapacity(source),
        );
        const flat = flatPathOf(to.path);
        try {
          if (type.provisioning === "thin") {
            to.datastore.setAllocated(flat, from.datastore.allocatedBytes(flatPathOf(from.path)));
          }
          await copyFile(from.datastore.localPath(flatPathOf(from.path)), to.datastore.localPath(flat));
        } catch (error) {
          await deleteDisk(to.datastore, to.path);
          throw error;
        }
      });
    },

    async QueryVirtualDiskUuid(_call, { name }) {
      const { datastore, path } = resolve(name);
      const { uuid } = await readDescriptor(datastore, path).catch((error: unknown) =>
        Promise.reject(fileFault(error)),
      );
      return uuid;
    },
  };
}

function diskType(spec: VirtualDiskSpec): { provisioning: DiskProvisioning; adapterType: string } {
  const provisioning = PROVISIONING[spec.diskType];
  const adapterType = ADAPTERS[spec.adapterType];
  if (provisioning === undefined) throw invalidArgument("spec.diskType");
  if (adapterType === undefined) throw invalidArgument("spec.adapterType");
  return { provisioning, adapterType };
}

function isFileBacked(spec: VirtualDiskSpec): spec is FileBackedVirtualDiskSpec {
  return spec.$type === "FileBackedVirtualDiskSpec";
}

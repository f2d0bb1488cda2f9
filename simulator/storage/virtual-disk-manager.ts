/** VirtualDiskManager: operations on disks, which need not belong to a VM. */
import type {
  FileBackedVirtualDiskSpec,
  ManagedObjectReference,
  VirtualDiskSpec,
} from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import { resolveDatastorePath } from "../core/datastore-paths.ts";
import { VIRTUAL_DISK_MANAGER } from "../core/ids.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import { copyDisk } from "../disk/copy.ts";
import {
  createEmptyDisk,
  type DiskProvisioning,
  deleteDisk,
  extendDisk,
  inflateDisk,
  readDescriptor,
  setDiskUuid,
} from "../disk/disk.ts";
import { moveDisk } from "../disk/move.ts";
import { type Call, type Handlers, type Part, sessionOf } from "../handlers.ts";
import { datastoresChanged, type HostContext } from "../host-context.ts";
import { invalidArgument } from "../soap/fault.ts";
import type { TaskControl } from "../task/tasks.ts";
import type { Vms } from "../vm/vms.ts";
import { fault } from "./file-manager.ts";

const PROVISIONING: Readonly<Record<string, DiskProvisioning>> = {
  thin: "thin",
  preallocated: "thick",
  thick: "thick",
  eagerZeroedThick: "eagerZeroedThick",
};
const ADAPTERS: Readonly<Record<string, string>> = { lsiLogic: "lsilogic", busLogic: "buslogic", ide: "ide" };

export function virtualDiskManager(host: HostContext, vms: Vms): Part {
  const resolve = (path: string): DatastoreFile => {
    const file = resolveDatastorePath(host.datastores, path);
    if (!/\.vmdk$/i.test(file.path)) throw invalidArgument("name");
    return file;
  };

  const diskTask = (
    call: Call,
    operation: string,
    work: (task: TaskControl) => Promise<unknown>,
  ): ManagedObjectReference =>
    host.tasks.start(
      {
        method: call.method,
        operation: `vim.VirtualDiskManager.${operation}`,
        entity: VIRTUAL_DISK_MANAGER,
        entityName: "",
        userName: sessionOf(call).userName,
        rule: call.taskRule,
      },
      async (task) => {
        await work(task).catch((error: unknown) => Promise.reject(fileFault(error)));
        datastoresChanged(host);
      },
    );

  const unlocked = (file: DatastoreFile): void => {
    if (vms.lockOf(file) !== undefined) throw fault("FileLocked", file);
  };

  /** The frozen parent of a running VM's disk can be read. */
  const unlockedForReading = (file: DatastoreFile): void => {
    const lock = vms.lockOf(file);
    const isRefused = lock === "shared" && host.options.behaviour.frozenDiskCopy === "refused";
    if (lock === "exclusive" || isRefused) throw fault("FileLocked", file);
  };

  const handlers: Handlers = {
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

    /** `force` changes nothing: an existing file is an error. */
    CopyVirtualDisk_Task(call, { sourceName, destName, destSpec }) {
      const from = resolve(sourceName);
      const to = resolve(destName);
      const asked = destSpec && diskType(destSpec);
      return diskTask(call, "copyVirtualDisk", async (task) => {
        unlockedForReading(from);
        const { adapterType } = await readDescriptor(from.datastore, from.path);
        const type = asked ?? { provisioning: "thick" as const, adapterType };
        const target = { datastore: to.datastore, descriptorPath: to.path, ...type };
        await copyDisk(host.datastores, from, target, (percent) => task.progress(percent));
      });
    },

    /** Delta disks of other VMs that have it as their parent are not checked. */
    MoveVirtualDisk_Task(call, { sourceName, destName }) {
      const from = resolve(sourceName);
      const to = resolve(destName);
      return diskTask(call, "moveVirtualDisk", async () => {
        unlocked(from);
        await moveDisk(host.datastores, from, to);
      });
    },

    InflateVirtualDisk_Task(call, { name }) {
      const file = resolve(name);
      return diskTask(call, "inflateVirtualDisk", async () => {
        unlocked(file);
        await inflateDisk(file.datastore, file.path);
      });
    },

    async SetVirtualDiskUuid(_call, { name, uuid }) {
      const file = resolve(name);
      unlocked(file);
      await setDiskUuid(file.datastore, file.path, uuid).catch((error: unknown) =>
        Promise.reject(fileFault(error)),
      );
    },

    async QueryVirtualDiskUuid(_call, { name }) {
      const { datastore, path } = resolve(name);
      const { uuid } = await readDescriptor(datastore, path).catch((error: unknown) =>
        Promise.reject(fileFault(error)),
      );
      return uuid;
    },
  };
  return { objects: [{ ref: VIRTUAL_DISK_MANAGER, readers: {} }], handlers };
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

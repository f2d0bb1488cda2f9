/** Data that the parts of an import share while they make devices of hardware items. */
import type {
  DataObject,
  ManagedObjectReference,
  OvfFileItem,
  VirtualDevice,
  VirtualDeviceConfigSpec,
} from "../../schema/index.ts";
import { setConfigPath } from "./config-path.ts";
import type { ControllerPlaces } from "./controllers.ts";
import {
  invalidElementValue,
  missingElement,
  noSpaceOnController,
  type Problems,
  unknownConfig,
} from "./descriptor/descriptor-faults.ts";
import type { HardwareItem } from "./descriptor/hardware-item.ts";
import type { OvfFile, References } from "./descriptor/references.ts";
import type { ImportHost } from "./import-host.ts";
import { importKey } from "./import-key.ts";
import type { DiskBacking } from "./provisioning.ts";

/** A device with the name of its type. All devices of an import have it. */
export type TypedDevice = VirtualDevice & { readonly $type: string };

export interface Place {
  readonly controller: ControllerPlaces;
  readonly unitNumber: number;
}

export class ImportContext {
  readonly vmName: string;
  readonly host: ImportHost;
  /** The virtual hardware of the machine: 13 for vmx-13. */
  readonly hardwareVersion: number;
  readonly references: References;
  readonly diskBacking: DiskBacking;
  /** Networks of the descriptor that were mapped, by name. */
  readonly networkMapping: ReadonlyMap<string, ManagedObjectReference>;
  readonly problems: Problems;
  readonly changes: VirtualDeviceConfigSpec[] = [];
  readonly fileItems: OvfFileItem[] = [];
  controllers: ReadonlyMap<string, ControllerPlaces> = new Map();
  #lastKey = -100;

  constructor(options: {
    readonly vmName: string;
    readonly host: ImportHost;
    readonly hardwareVersion: number;
    readonly references: References;
    readonly diskBacking: DiskBacking;
    readonly networkMapping: ReadonlyMap<string, ManagedObjectReference>;
    readonly problems: Problems;
  }) {
    this.vmName = options.vmName;
    this.host = options.host;
    this.hardwareVersion = options.hardwareVersion;
    this.references = options.references;
    this.diskBacking = options.diskBacking;
    this.networkMapping = options.networkMapping;
    this.problems = options.problems;
  }

  /** A key for a new device. It is negative, so the host gives the device another one. */
  readonly nextKey = (): number => this.#lastKey--;

  /** Adds a device, with the settings in the item's `vmw:Config` elements. */
  addDevice(device: TypedDevice, item: HardwareItem, fileOperation?: "create"): void {
    this.applyConfigs(device, item);
    this.changes.push({
      $type: "VirtualDeviceConfigSpec",
      operation: "add",
      ...(fileOperation === undefined ? {} : { fileOperation }),
      device,
    });
  }

  applyConfigs(device: DataObject & { readonly $type: string }, item: HardwareItem): void {
    for (const { key, value, required, element } of item.configs) {
      if (!setConfigPath(device, device.$type, key, value)) {
        this.problems.report(required, unknownConfig(element, key));
      }
    }
  }

  /** Adds a file that the client must upload for a device. */
  addFile(file: OvfFile, deviceId: string, cimType: number, create: boolean): void {
    this.fileItems.push({
      $type: "OvfFileItem",
      deviceId,
      path: file.href,
      ...(file.chunkSizeBytes === undefined ? {} : { chunkSize: file.chunkSizeBytes }),
      ...(file.sizeBytes === undefined ? {} : { size: file.sizeBytes }),
      cimType,
      create,
    });
  }

  addDeviceFile(file: OvfFile, place: Place, cimType: number, create: boolean): void {
    this.addFile(file, importKey(this.vmName, place.controller.device, place.unitNumber), cimType, create);
  }

  /**
   * Takes the place on a controller that an item names. Undefined, with the fault in `problems`, if that is not
   * possible.
   */
  takePlace(item: HardwareItem): Place | undefined {
    const parent = item.field("Parent");
    if (parent === undefined) {
      this.problems.error(missingElement(item.line, "Parent"));
      return undefined;
    }
    const controller = this.controllers.get(parent.text.trim());
    if (controller === undefined) {
      this.problems.error(invalidElementValue(parent));
      return undefined;
    }
    const address = item.field("AddressOnParent");
    const unitNumber = controller.take(item.number("AddressOnParent"));
    if (unitNumber === undefined) {
      const full = address === undefined || controller.take(undefined) === undefined;
      this.problems.error(
        full ? noSpaceOnController(item, controller.instanceId) : invalidElementValue(address),
      );
      return undefined;
    }
    return { controller, unitNumber };
  }
}

export function description(item: HardwareItem, summary = item.text("Description") ?? "") {
  return { $type: "Description", label: item.elementName, summary };
}

export function connectInfo(item: HardwareItem) {
  return {
    $type: "VirtualDeviceConnectInfo",
    startConnected: item.startConnected,
    allowGuestControl: true,
    connected: item.startConnected,
  };
}

/** The id in `ovf:/disk/vmdisk1` or `ovf:/file/file1`. Undefined for anything else. */
export function hostResourceId(text: string, kind: "disk" | "file"): string | undefined {
  return new RegExp(`^(?:ovf:)?/{1,2}${kind}/(.+)$`).exec(text.trim())?.[1];
}

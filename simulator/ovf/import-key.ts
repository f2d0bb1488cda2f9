/**
 * Matches the files of an import with their devices. CreateImportSpec names a device in `fileItem.deviceId`, and the
 * lease of ImportVApp names it in `deviceUrl.importKey`.
 */
import type { VirtualController, VirtualDevice, VirtualMachineImportSpec } from "../../schema/index.ts";

/** The key in `extraConfig` for the file with the firmware's variables. */
export const NVRAM_KEY = "nvram";

/** The import key of a device, such as `/tinyVM/VirtualLsiLogicController0:0`. */
export function importKey(vmName: string, controller: VirtualController, unitNumber: number): string {
  return `/${vmName}/${controller.$type ?? ""}${controller.busNumber}:${unitNumber}`;
}

export function nvramImportKey(vmName: string): string {
  return `/${vmName}/${NVRAM_KEY}`;
}

/** The path of an ISO that comes with the VM, below the datastore's root. */
export function isoImagePath(vmName: string, number: number): string {
  return `${vmName}/_deviceImage${number}.iso`;
}

export interface ImportUpload {
  readonly importKey: string;
  readonly kind: "disk" | "iso" | "nvram";
  /** The device of the spec to which the file belongs. Undefined for `nvram`. */
  readonly device?: VirtualDevice | undefined;
}

/**
 * The files that a client may upload for this spec: every new disk, every ISO of the package, and the NVRAM. As on a
 * host, disks that begin empty are included, although the client has no file for them.
 */
export function listUploads(spec: VirtualMachineImportSpec): ImportUpload[] {
  const { name = "", deviceChange = [], extraConfig = [] } = spec.configSpec;
  const devices = deviceChange.filter(({ operation }) => operation === "add").map(({ device }) => device);
  const uploads = devices.flatMap((device): ImportUpload[] => {
    const kind = uploadKind(device);
    const controller = devices.find((one) => one.key === device.controllerKey);
    if (kind === undefined || controller === undefined || !isController(controller)) return [];
    return [{ importKey: importKey(name, controller, device.unitNumber ?? 0), kind, device }];
  });
  const nvram = extraConfig.some(
    ({ key, value }) => key === NVRAM_KEY && String(value).startsWith("ovf:/file/"),
  );
  return nvram ? [...uploads, { importKey: nvramImportKey(name), kind: "nvram" }] : uploads;
}

function uploadKind(device: VirtualDevice): "disk" | "iso" | undefined {
  if (device.$type === "VirtualDisk") return "disk";
  const { backing } = device;
  if (backing?.$type !== "VirtualCdromIsoBackingInfo" || !("fileName" in backing)) return undefined;
  return /(^|\/)_deviceImage\d+\.iso$/.test(String(backing.fileName)) ? "iso" : undefined;
}

function isController(device: VirtualDevice): device is VirtualController {
  return "busNumber" in device;
}

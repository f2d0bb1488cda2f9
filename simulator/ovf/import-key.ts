/**
 * How the files of an import are matched with the devices that they are for: CreateImportSpec names them in
 * `fileItem.deviceId`, the lease that ImportVApp gives in `deviceUrl.importKey`.
 */
import type { VirtualController, VirtualDevice, VirtualMachineImportSpec } from "../../schema/index.ts";

/** What `extraConfig` calls the file of the firmware's variables. */
export const NVRAM_KEY = "nvram";

/** The import key of a device, such as `/tinyVM/VirtualLsiLogicController0:0`. */
export function importKey(vmName: string, controller: VirtualController, unitNumber: number): string {
  return `/${vmName}/${controller.$type ?? ""}${controller.busNumber}:${unitNumber}`;
}

export function nvramImportKey(vmName: string): string {
  return `/${vmName}/${NVRAM_KEY}`;
}

/** Where an ISO that comes with the VM goes, below the datastore's root. */
export function isoImagePath(vmName: string, number: number): string {
  return `${vmName}/_deviceImage${number}.iso`;
}

export interface ImportUpload {
  readonly importKey: string;
  readonly kind: "disk" | "iso" | "nvram";
  /** The device of the spec that the file is for; undefined for `nvram`. */
  readonly device?: VirtualDevice | undefined;
}

/**
 * What a client may upload for this spec: every disk that is made, every ISO that comes along, and the NVRAM. Disks that
 * begin empty are among them, as on a host: the client has no file for those.
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

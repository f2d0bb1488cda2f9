import type { OvfFileItem, VirtualDevice, VirtualMachineConfigSpec } from "../../../schema/index.ts";
import type { OvaFile } from "../../ovf/package/stored-file.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { isA } from "../../vim/codec/objects.ts";
import { copyName } from "../clone/clone-files.ts";
import { formatDatastorePath, inFolder, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { claimingImages } from "../file-use/package-images.ts";
import { HostError } from "../host-error.ts";
import { findDatastore, findResourcePool } from "../inventory/named-places.ts";
import { shellOf } from "../shell/host-shell.ts";
import { makeVm, type NewPlace } from "../shell/make-vm.ts";
import { flagOf, imageName } from "../shell/ssh-folder.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY, type OwnerMark } from "../vm/reading/owner-mark.ts";
import { newestHardwareVersion } from "../vm/settings/hardware-version.ts";
import { vmxOfSpec, type WrittenSpec } from "../vm/vmx/vmx-of-spec.ts";
import { importSpec } from "./import-spec.ts";
import type { ImportOptions, OvaImport } from "./ova-import.ts";
import { DiskSender, type DiskToSend } from "./send-disks.ts";

type Options = Omit<ImportOptions, "beforeRetry">;

/**
 * Makes a VM from an OVA in the host's shell. Nothing is written through the API. As for the API, the host itself reads
 * the descriptor. Each disk is streamed into a file in the machine's folder, and the host's own tool turns it into a
 * disk. Then the .vmx file is written and registered. Digests are compared before that.
 *
 * @returns The new VM, powered off.
 * @throws HostError, SshError, OvaSourceError … with what was tried and what the host said. Nothing of it is left then.
 */
export async function importOvaBySsh(
  host: EsxiHost,
  source: OvaSource,
  request: OvaImport & { readonly mark: OwnerMark },
  options: Options,
): Promise<ObservedVm> {
  const { onStatus, onWarning } = options;
  onStatus("preparing the import");
  if (request.pullFrom !== undefined)
    throw new HostError(`${host.name}: transfer: "pull" ${PULL_OVER_SSH}. Nothing was created.`);
  const pool = await findResourcePool(host, request.resourcePool);
  const { spec, result } = await importSpec(host, source, request, pool, options);
  const datastore = (await findDatastore(host, request.datastore)).name;
  const { configSpec } = spec;
  const files = filesOfDevices(host, source, configSpec, result.fileItem ?? []);
  const disks = devicesOf(configSpec).filter((device) => isA(device, "VirtualDisk")).length;
  const { name, mark, resourcePool } = request;
  const shell = await shellOf(host).open();
  const { apiVersion } = await host.facts();
  return makeVm(
    host,
    shell,
    { name, datastore, folder: undefined, resourcePool, mark, disks },
    options,
    async (place) => {
      const written = vmxOfSpec(claimingImages(withOwnFiles(configSpec, files, place)), {
        vmxPath: formatDatastorePath(inFolder(place.folder, `${place.base}.vmx`)),
        nvram: `${place.base}.nvram`,
        newestHardware: newestHardwareVersion(apiVersion),
        nameDisk: namesOfDisks(place),
      });
      if (written.leftOut.length > 0) {
        onWarning(
          `"${name}" does not get over SSH what a .vmx file has no word for here: ${written.leftOut.join(", ")}.`,
        );
      }
      written.vmx.set(OWNER_MARK_KEY, formatOwnerMark({ ...mark, flag: flagOf(mark) }));
      await fill(host, shell, source, { request, files, place, written }, options);
      return written.vmx;
    },
  );
}

/** Why a host cannot fetch an OVA itself. */
export const PULL_OVER_SSH =
  "has no meaning over SSH, where the host fetches no files: leave it out, and this program sends them";

/** A file of the package, and its device. */
interface FileOfDevice {
  readonly file: OvaFile;
  /** The disk or drive. Undefined for the NVRAM. */
  readonly device: VirtualDevice | undefined;
}

/** @throws HostError if the package does not have a file that the host asks for, or if its purpose is unknown */
function filesOfDevices(
  host: EsxiHost,
  source: OvaSource,
  spec: VirtualMachineConfigSpec,
  items: readonly OvfFileItem[],
): readonly FileOfDevice[] {
  const devices = devicesOf(spec);
  return items.map((item) => {
    const file = source.files.find(({ href }) => href === item.path);
    const device = devices.find((each) => keyOf(devices, each) === placeIn(item.deviceId));
    if (file && (device || item.deviceId.endsWith("/nvram"))) return { file, device };
    throw new HostError(
      `${host.name} asks for the file ${item.path} of ${source.location}, ` +
        `${file ? `for ${item.deviceId}, which the machine does not have` : "which is not in the archive"}. Nothing was created.`,
    );
  });
}

const devicesOf = ({ deviceChange = [] }: VirtualMachineConfigSpec): VirtualDevice[] =>
  deviceChange.filter(({ operation }) => operation === "add").map(({ device }) => device);

/**
 * `VirtualLsiLogicController0:1` in `/vm/VirtualLsiLogicController0:1`. The host uses it to assign files to devices.
 */
const placeIn = (deviceId: string): string => deviceId.slice(deviceId.lastIndexOf("/") + 1);

function keyOf(
  devices: readonly VirtualDevice[],
  { controllerKey, unitNumber }: VirtualDevice,
): string | undefined {
  const controller = devices.find(({ key }) => key === controllerKey);
  if (controller === undefined || !isA(controller, "VirtualController")) return undefined;
  return `${String(Reflect.get(controller, "$type"))}${controller.busNumber}:${unitNumber ?? 0}`;
}

/** The machine with its drives' images in its own folder, and without the package's name of its NVRAM. */
function withOwnFiles(
  spec: VirtualMachineConfigSpec,
  files: readonly FileOfDevice[],
  { folder }: NewPlace,
): VirtualMachineConfigSpec {
  const images = imagesAmong(files);
  const deviceChange = (spec.deviceChange ?? []).map((change) => {
    const index = images.findIndex(({ device }) => device === change.device);
    const { backing } = change.device;
    if (index < 0 || !isA(backing, "VirtualCdromIsoBackingInfo")) return change;
    const fileName = formatDatastorePath(inFolder(folder, imageName(index)));
    return { ...change, device: { ...change.device, backing: { ...backing, fileName } } };
  });
  const extraConfig = (spec.extraConfig ?? []).filter(({ key }) => key.toLowerCase() !== "nvram");
  return { ...spec, deviceChange, extraConfig };
}

const imagesAmong = (files: readonly FileOfDevice[]): FileOfDevice[] =>
  files.filter(({ device }) => device !== undefined && isA(device, "VirtualCdrom"));

function namesOfDisks({ folder, base }: NewPlace): () => string {
  let number = 0;
  return () => formatDatastorePath(inFolder(folder, copyName(base, number++)));
}

/** Puts all files of the machine into its folder, except for its .vmx file. */
async function fill(
  host: EsxiHost,
  shell: EsxiShell,
  source: OvaSource,
  job: {
    readonly request: OvaImport & { readonly mark: OwnerMark };
    readonly files: readonly FileOfDevice[];
    readonly place: NewPlace;
    readonly written: WrittenSpec;
  },
  options: Options,
): Promise<void> {
  const { request, files, place, written } = job;
  const sender = new DiskSender(host, shell, { source, mark: request.mark, folder: place.folder }, options);
  const devices = written.disks;
  const disks = written.work.map((work, index): DiskToSend => {
    if (work.kind !== "make") throw new Error(`A disk of a new machine is to be made, not: ${work.kind}.`);
    const file = files.find(({ device }) => device === devices[index])?.file;
    return { file, index, sizeMb: work.sizeMb, format: work.format, name: copyName(place.base, index) };
  });
  const images = imagesAmong(files).map(({ file }, index) => ({ file, name: imageName(index) }));
  const nvram = files.filter(({ device }) => device === undefined);
  const others = [...images, ...nvram.map(({ file }) => ({ file, name: `${place.base}.nvram` }))];
  await sender.send(
    disks,
    others.map(({ file, name }) => ({ file, path: toHostPath(inFolder(place.folder, name)) })),
  );
}

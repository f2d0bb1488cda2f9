import type {
  ManagedObjectReference,
  VirtualDevice,
  VirtualMachineBootOptionsBootableDevice,
  VirtualMachineConfigSpec,
  VirtualMachineVideoCard,
} from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import type { EsxiHost } from "../esxi-host.ts";
import type { CloneSource } from "./clone-source.ts";

/** Sizes of video memory that hosts choose by themselves, in KB. */
const USUAL_VIDEO_KB = [4096, 8192];

/**
 * Sets on a copy what needs a machine that has its devices: the video card, which every machine has already, and the
 * boot order, which names devices. If the source has the usual settings, the host is not called.
 */
export async function finishCopy(
  host: EsxiHost,
  ref: ManagedObjectReference,
  source: CloneSource,
  signal: AbortSignal,
): Promise<void> {
  const order = source.config.bootOptions?.bootOrder ?? [];
  const card = cardAmong(source.devices);
  if (order.length === 0 && (card === undefined || isUsual(card))) return;
  const copy = await host.vms.byReference(ref);
  const own = copy && cardAmong(copy.devices);
  if (copy === undefined) return;
  const spec: VirtualMachineConfigSpec = {
    ...(order.length > 0 && { bootOptions: { bootOrder: translated(order, source.devices, copy.devices) } }),
    ...(card && own && { deviceChange: [cardChange(own, card)] }),
  };
  await host.task(() => host.client.call(ref, "ReconfigVM_Task", { spec }), { signal });
}

const isUsual = ({
  videoRamSizeInKB,
  numDisplays,
  useAutoDetect,
  enable3DSupport,
}: VirtualMachineVideoCard) =>
  (videoRamSizeInKB === undefined || USUAL_VIDEO_KB.includes(videoRamSizeInKB)) &&
  (numDisplays ?? 1) === 1 &&
  !useAutoDetect &&
  !enable3DSupport;

function cardChange(own: VirtualMachineVideoCard, card: VirtualMachineVideoCard) {
  const {
    videoRamSizeInKB,
    numDisplays,
    useAutoDetect,
    enable3DSupport,
    use3dRenderer,
    graphicsMemorySizeInKB,
  } = card;
  const like = {
    videoRamSizeInKB,
    numDisplays,
    useAutoDetect,
    enable3DSupport,
    use3dRenderer,
    graphicsMemorySizeInKB,
  };
  return create("VirtualDeviceConfigSpec", { operation: "edit", device: { ...own, ...like } });
}

/** The same order with the copy's own devices. A device that the copy does not have is left out. */
function translated(
  order: readonly VirtualMachineBootOptionsBootableDevice[],
  from: readonly VirtualDevice[],
  to: readonly VirtualDevice[],
): VirtualMachineBootOptionsBootableDevice[] {
  return order.flatMap((entry) => {
    const type = isA(entry, "VirtualMachineBootOptionsBootableDiskDevice")
      ? "VirtualDisk"
      : isA(entry, "VirtualMachineBootOptionsBootableEthernetDevice") && "VirtualEthernetCard";
    if (!type) return [entry];
    const { deviceKey } = entry as { readonly deviceKey?: number };
    const among = (devices: readonly VirtualDevice[]) => devices.filter((device) => isA(device, type));
    const twin = among(to)[among(from).findIndex(({ key }) => key === deviceKey)];
    return twin === undefined ? [] : [{ ...entry, deviceKey: twin.key }];
  });
}

const cardAmong = (devices: readonly VirtualDevice[]): VirtualMachineVideoCard | undefined =>
  devices.find((device) => isA(device, "VirtualMachineVideoCard"));

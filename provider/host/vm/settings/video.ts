import type { VirtualDevice, VirtualMachineVideoCard } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import type { Facet } from "./facet.ts";

/** Key of the card for a machine that has none; no other facet's new devices use it. */
const NEW_KEY = -500;

/** Memory of the video card, in MB. */
export const videoMemory: Facet<number> = {
  observe: ({ devices }) => (cardAmong(devices)?.videoRamSizeInKB ?? 0) / 1024,
  spec: ({ devices }, megabytes) => {
    const card = cardAmong(devices);
    // A card that sizes itself by the displays of whoever looks at the console would take the size back.
    const wanted = { videoRamSizeInKB: megabytes * 1024, useAutoDetect: false };
    const device = create(
      "VirtualMachineVideoCard",
      card ? { ...card, ...wanted } : { key: NEW_KEY, ...wanted },
    );
    return {
      deviceChange: [create("VirtualDeviceConfigSpec", { operation: card ? "edit" : "add", device })],
    };
  },
  needsOff: () => true,
};

const cardAmong = (devices: readonly VirtualDevice[]): VirtualMachineVideoCard | undefined =>
  devices.find((device) => isA(device, "VirtualMachineVideoCard"));

/** The video card that every VM has. */
import type { VirtualDevice, VirtualMachineVideoCard } from "../../../schema/index.ts";
import type { Vmx } from "../vmx.ts";
import { invalidDevice } from "./device-faults.ts";

export const VIDEO_KEY = 500;

const DEFAULT_KB = 4096;
const MIN_KB = 1024;
const MAX_KB = 262_144;
const MAX_DISPLAYS = 10;
const MIN_GRAPHICS_KB = 32_768;
const MAX_GRAPHICS_KB = 8_388_608;
const RENDERERS = ["automatic", "software", "hardware"];

export function readVideo(vmx: Vmx): VirtualMachineVideoCard & { readonly $type: string } {
  return {
    $type: "VirtualMachineVideoCard",
    key: VIDEO_KEY,
    deviceInfo: { label: "Video card", summary: "Video card" },
    controllerKey: 100,
    unitNumber: 0,
    videoRamSizeInKB: Math.floor((vmx.number("svga.vramSize") ?? DEFAULT_KB * 1024) / 1024),
    numDisplays: vmx.number("svga.numDisplays") ?? 1,
    useAutoDetect: vmx.flag("svga.autodetect"),
    enable3DSupport: vmx.flag("mks.enable3d"),
    use3dRenderer: vmx.get("mks.use3dRenderer") ?? "automatic",
    graphicsMemorySizeInKB: vmx.number("svga.graphicsMemoryKB") ?? MAX_KB,
  };
}

/** @throws VimFault InvalidDeviceSpec */
export function writeVideo(vmx: Vmx, device: VirtualDevice, index: number): number {
  const card: VirtualMachineVideoCard = device;
  const wrong = (property: string): Error => invalidDevice(index, `virtualDeviceSpec.device.${property}`);
  const within = (value: number, min: number, max: number): boolean => value >= min && value <= max;
  const { videoRamSizeInKB, numDisplays, use3dRenderer, graphicsMemorySizeInKB } = card;
  if (videoRamSizeInKB !== undefined) {
    if (!within(videoRamSizeInKB, MIN_KB, MAX_KB)) throw wrong("videoRamSizeInKB");
    vmx.set("svga.vramSize", videoRamSizeInKB * 1024);
  }
  if (numDisplays !== undefined) {
    if (!within(numDisplays, 1, MAX_DISPLAYS)) throw wrong("numDisplays");
    vmx.set("svga.numDisplays", numDisplays);
  }
  if (use3dRenderer !== undefined) {
    if (!RENDERERS.includes(use3dRenderer)) throw wrong("use3dRenderer");
    vmx.set("mks.use3dRenderer", use3dRenderer);
  }
  if (graphicsMemorySizeInKB !== undefined) {
    if (!within(graphicsMemorySizeInKB, MIN_GRAPHICS_KB, MAX_GRAPHICS_KB))
      throw wrong("graphicsMemorySizeInKB");
    vmx.set("svga.graphicsMemoryKB", graphicsMemorySizeInKB);
  }
  if (card.useAutoDetect !== undefined) vmx.set("svga.autodetect", card.useAutoDetect);
  if (card.enable3DSupport !== undefined) vmx.set("mks.enable3d", card.enable3DSupport);
  return VIDEO_KEY;
}

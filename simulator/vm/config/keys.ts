/** Keys of the `.vmx` that belong to a property of ConfigSpec and ConfigInfo. */
import { SCALAR_KEYS } from "./scalars.ts";

/** Keys with a property of their own. They do not appear in extraConfig. */
const OWN = new Set(
  [
    ...SCALAR_KEYS,
    "displayName",
    "guestOS",
    "numvcpus",
    "cpuid.coresPerSocket",
    "memSize",
    "uuid.bios",
    "uuid.location",
    "vc.uuid",
    "virtualHW.version",
    "firmware",
    "bios.bootRetry.delay",
    "bios.bootOrder",
    "bios.hddOrder",
    "nvram.bootOrder",
    "nvram.hddOrder",
    "sched.cpu.units",
    "sched.cpu.min",
    "sched.cpu.max",
    "sched.cpu.shares",
    "sched.mem.min",
    "sched.mem.minSize",
    "sched.mem.max",
    "sched.mem.shares",
    "svga.vramSize",
    "svga.autodetect",
    "svga.numDisplays",
    "svga.graphicsMemoryKB",
    "mks.enable3d",
    "mks.use3dRenderer",
    "createDate",
    "config.version",
    ".encoding",
  ].map((key) => key.toLowerCase()),
);
const OF_DEVICES =
  /^(scsi|ide|sata|nvme|ethernet|floppy|serial|usb|usb_xhci|ehci)\d*(:\d+)?\.(present|filename|devicetype|virtualdev|sharedbus|sharing|mode|networkname|address|addresstype|generatedaddress|generatedaddressoffset|startconnected|allowguestconnectioncontrol|wakeonpcktrcv|clientdevice|filetype|yieldonmsrread|autodetect|network\.endpoint|vspc|pipe\.endpoint|trynorxloss)$/;

/** True if a key of the `.vmx` belongs to a property of ConfigInfo. */
export function isOwnKey(key: string): boolean {
  const lower = key.toLowerCase();
  return OWN.has(lower) || OF_DEVICES.test(lower);
}

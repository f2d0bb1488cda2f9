/** Where the `.vmx` keeps what ConfigSpec and ConfigInfo have a property for. */

/** Keys behind a property of their own: no extraConfig. */
const OWN = new Set(
  [
    "displayName",
    "annotation",
    "guestOS",
    "numvcpus",
    "cpuid.coresPerSocket",
    "memSize",
    "uuid.bios",
    "uuid.location",
    "vc.uuid",
    "virtualHW.version",
    "firmware",
    "mem.hotadd",
    "vcpu.hotadd",
    "vcpu.hotremove",
    "vhv.enable",
    "vpmc.enable",
    "disk.EnableUUID",
    "vvtd.enable",
    "uefi.secureBoot.enabled",
    "bios.bootDelay",
    "bios.forceSetupOnce",
    "bios.bootRetry.enabled",
    "bios.bootRetry.delay",
    "tools.upgrade.policy",
    "tools.syncTime",
    "sched.cpu.min",
    "sched.cpu.max",
    "sched.cpu.shares",
    "sched.mem.min",
    "sched.mem.max",
    "sched.mem.shares",
    "createDate",
    "config.version",
    ".encoding",
  ].map((key) => key.toLowerCase()),
);
const OF_DEVICES =
  /^(scsi|ide|sata|nvme|ethernet|floppy|serial|usb|usb_xhci|ehci)\d*(:\d+)?\.(present|filename|devicetype|virtualdev|sharedbus|mode|networkname|address|addresstype|generatedaddress|generatedaddressoffset|startconnected|allowguestconnectioncontrol|wakeonpcktrcv|clientdevice|filetype|yieldonmsrread)$/;

/** True if a key of the `.vmx` stands behind a property of ConfigInfo. */
export function isOwnKey(key: string): boolean {
  const lower = key.toLowerCase();
  return OWN.has(lower) || OF_DEVICES.test(lower);
}

/** Devices of the host that a VM can be given: what `QueryConfigTarget` lists. */
export const HOST_CDROM = "/vmfs/devices/cdrom/mpx.vmhba0:C0:T4:L0";
export const HOST_FLOPPY = "/dev/fd0";
export const HOST_SERIAL = "/dev/char/serial/uart0";

/** Images that every host has: VMware Tools for its guests. */
export const HOST_IMAGES: readonly string[] = ["linux", "windows", "freebsd", "solaris"].flatMap((guest) => [
  `/vmimages/tools-isoimages/${guest}.iso`,
  `/usr/lib/vmware/isoimages/${guest}.iso`,
]);

/** Names of drives whose media a VM can be connected to. */
export const HOST_DRIVES: readonly string[] = [HOST_CDROM, HOST_FLOPPY];

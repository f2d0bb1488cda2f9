/** Devices of the host that VMs can use. `QueryConfigTarget` lists them. */
export const HOST_CDROM = "/vmfs/devices/cdrom/mpx.vmhba0:C0:T4:L0";
export const HOST_FLOPPY = "/dev/fd0";
export const HOST_SERIAL = "/dev/char/serial/uart0";

/** Images on every host: VMware Tools for its guests. */
export const HOST_IMAGES: readonly string[] = ["linux", "windows", "freebsd", "solaris"].flatMap((guest) => [
  `/vmimages/tools-isoimages/${guest}.iso`,
  `/usr/lib/vmware/isoimages/${guest}.iso`,
]);

/** Names of the host's drives whose media a VM can use. */
export const HOST_DRIVES: readonly string[] = [HOST_CDROM, HOST_FLOPPY];

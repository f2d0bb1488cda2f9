import { cloneVmx } from "../../../provider/vmx/clone-vmx.ts";
import { formatVmx, parseVmx } from "../../../provider/vmx/vmx.ts";
import { VmxError } from "../../../provider/vmx/vmx-error.ts";
import type { FuzzPart } from "../fuzz-part.ts";
import { mutateBytes, mutateText } from "../mutate.ts";

const FILE = `.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "gol|22den \u00fc"   # a note
guestOS = other5xlinux-64
scsi0.present = "TRUE"
scsi0:0.fileName = "golden.vmdk"
scsi0:0.present = "TRUE"
ide1:0.fileName = "/vmimages/tools.iso"
ethernet0.addressType = "generated"
ethernet0.present = "TRUE"
uuid.bios = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 01"
annotation = "one "two" three"
`;

/** Configuration files of machines: read, copied and written. */
export const vmxFiles: FuzzPart = {
  name: "vmx-files",
  draws: 1000,
  async tryOne(chance) {
    const bytes =
      chance.below(2) === 0 ? mutateBytes(Buffer.from(FILE), chance) : Buffer.from(mutateText(FILE, chance));
    const vmx = parseVmx(bytes);
    formatVmx(vmx);
    formatVmx(
      cloneVmx(vmx, {
        displayName: "copy",
        nvram: "copy.nvram",
        disks: new Map([["scsi0:0", "copy.vmdk"]]),
        sourceFolder: "/vmfs/volumes/ds/golden",
      }),
    );
  },
  isExpected: (error) => error instanceof VmxError,
};

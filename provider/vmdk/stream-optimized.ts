import { MAGIC, parseSparseHeader, SECTOR_BYTES } from "./sparse-header.ts";

const MAX_VERSION = 3;

/** Footer marker, footer and end-of-stream marker: the last sectors of a disk whose directory is at the end. */
const FOOTER_SECTORS = 3;
/** So many bytes at a disk's end are checked, because some tools fill the file up with zeros. */
export const END_BYTES = 64 * 1024;
const FOOTER_MARKER = 3;

/** How to convert the file into the format that the host needs. */
const REMEDY =
  "convert it with `qemu-img convert -O vmdk -o subformat=streamOptimized SOURCE TARGET.vmdk`, or export it with ovftool";

const OTHER_FORMATS: readonly (readonly [magic: string, name: string])[] = [
  ["# Disk DescriptorFile", "the text descriptor of a VMDK whose data is in another file"],
  ["COWD", "an old ESX sparse VMDK"],
  ["\u00be\u00ba\u00fe\u00ca\0\0\0\0", "the seSparse extent of a snapshot's VMDK"],
  ["QFI\u00fb", "a qcow2 image"],
  ["conectix", "a VHD image"],
  ["vhdxfile", "a VHDX image"],
  ["<<< ", "a VirtualBox VDI image"],
  ["\u001f\u008b", "compressed with gzip, which the descriptor does not say"],
];

/**
 * Why an ESXi host would refuse this disk at upload ("Not a supported disk format"), from its first sector.
 * @param firstBytes the start of the disk file, 512 bytes or more if it has them
 * @param describedCapacityBytes capacity by the descriptor, if it tells one
 * @returns undefined if it is a streamOptimized VMDK
 */
export function streamOptimizedProblem(
  firstBytes: Uint8Array,
  describedCapacityBytes: number | undefined,
): string | undefined {
  const header = parseSparseHeader(firstBytes);
  if (header === undefined) return `is not a streamOptimized VMDK but ${otherFormat(firstBytes)}; ${REMEDY}`;
  if (header.version < 1 || header.version > MAX_VERSION) {
    return `is a VMDK of version ${header.version}; 1 to ${MAX_VERSION} are known; ${REMEDY}`;
  }
  if (!header.lineEndsIntact) return "was damaged by a transfer in text mode; copy it again in binary mode";
  if (!header.compressed || !header.markers || !header.deflate) {
    return `is a sparse VMDK but not streamOptimized (its grains are not compressed with markers); ${REMEDY}`;
  }
  // A descriptor may have a larger capacity. The host then makes the disk larger than its content, and people use that
  // to grow it.
  if (describedCapacityBytes !== undefined && header.capacityBytes > describedCapacityBytes) {
    return (
      `holds a disk of ${header.capacityBytes} bytes, the descriptor says ${describedCapacityBytes}; ` +
      "correct ovf:capacity of the descriptor"
    );
  }
  return undefined;
}

/** Whether the end of the file must be read to know that the disk is complete. */
export function hasFooter(firstBytes: Uint8Array): boolean {
  return parseSparseHeader(firstBytes)?.directoryAtEnd ?? false;
}

/**
 * Whether a disk with its directory at the end has that end, with nothing behind it but zeros.
 * @param lastBytes the last `END_BYTES` bytes of the disk file, or all of a shorter one
 */
export function isFooterWhole(lastBytes: Uint8Array): boolean {
  const bytes = Buffer.from(lastBytes.buffer, lastBytes.byteOffset, lastBytes.byteLength);
  const lastWritten = bytes.findLastIndex((byte) => byte !== 0);
  // The footer repeats the header, whose last bytes are zeros. So the written data ends within its sector.
  for (let back = 0; back < SECTOR_BYTES; back++) {
    const footerStart = lastWritten - back;
    if (bytes.toString("latin1", footerStart, footerStart + MAGIC.length) !== MAGIC) continue;
    const start = footerStart - SECTOR_BYTES;
    if (start < 0 || start + FOOTER_SECTORS * SECTOR_BYTES > bytes.length) continue;
    const footer = parseSparseHeader(bytes.subarray(footerStart, footerStart + SECTOR_BYTES));
    if (bytes.readUInt32LE(start + 12) === FOOTER_MARKER && footer !== undefined) return true;
  }
  return false;
}

function otherFormat(firstBytes: Uint8Array): string {
  if (firstBytes.byteLength === 0) return "empty";
  const start = Buffer.from(firstBytes.buffer, firstBytes.byteOffset, Math.min(firstBytes.byteLength, 32));
  const text = start.toString("latin1");
  const known = OTHER_FORMATS.find(([magic]) => text.startsWith(magic));
  if (known !== undefined) return known[1];
  return firstBytes.byteLength < SECTOR_BYTES
    ? "a file shorter than one sector"
    : "something else (a raw image?)";
}

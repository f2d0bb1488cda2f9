import type { ByteSource } from "../source/byte-source.ts";

/** A kind of file that people give instead of an OVA: its first bytes, its name, and what to do. */
interface Kind {
  readonly begins: RegExp;
  readonly is: string;
}

const UNPACK = "unpack it, and give the .ova or .ovf that comes out";
const CONVERT = "a disk alone describes no machine: export it as an OVA with the program that it comes from";

/** By their first bytes, each read as one character. */
const KINDS: readonly Kind[] = [
  {
    begins: /^(\u00ef\u00bb\u00bf)?\s*(<!--[^>]*-->\s*)?<(!doctype\s+html|html|head|body)\b/i,
    is: "an HTML page: a download portal answers so if it first asks for a login or a licence. Download the file in a browser, and give that file",
  },
  {
    begins: /^version https:\/\/git-lfs\.github\.com\//,
    is: "a pointer of Git LFS, which stands for the file until `git lfs pull` has fetched it",
  },
  { begins: /^PK(\u0003\u0004|\u0005\u0006)/, is: `a zip archive: ${UNPACK}` },
  { begins: /^\u001f\u008b/, is: `compressed with gzip: run gunzip on it first, or ${UNPACK}` },
  { begins: /^BZh[1-9]/, is: `compressed with bzip2: ${UNPACK}` },
  { begins: /^\u00fd7zXZ\0/, is: `compressed with xz: ${UNPACK}` },
  { begins: /^\u0028\u00b5\u002f\u00fd/, is: `compressed with zstd: ${UNPACK}` },
  { begins: /^7z\u00bc\u00af\u0027\u001c/, is: `a 7z archive: ${UNPACK}` },
  { begins: /^Rar!\u001a\u0007/, is: `a rar archive: ${UNPACK}` },
  { begins: /^QFI\u00fb/, is: `a disk of QEMU (qcow2): ${CONVERT}` },
  {
    begins: /^(KDMV|COWD|# Disk DescriptorFile)/,
    is: `a VMDK, the disk of a machine, without its OVF: ${CONVERT}`,
  },
  { begins: /^(vhdxfile|conectix)/, is: `a disk of Hyper-V: ${CONVERT}` },
  { begins: /^<<< .*Disk Image >>>/, is: `a disk of VirtualBox (VDI): ${CONVERT}` },
  { begins: /^(MZ|\u007fELF)/, is: "a program: perhaps an installer that brings the OVA along" },
  { begins: /^%PDF-/, is: "a PDF document" },
];

/** The place of the mark of ISO 9660, and the mark. */
const ISO_OFFSET = 32_769;
const ISO_MARK = "CD001";
const START_BYTES = 512;

/**
 * What a file is that is neither an OVA nor an OVF, and what to do with it. It ends the sentence "The source … is".
 * @returns Undefined if the file may be one of the two.
 */
export async function foreignFile(bytes: ByteSource, signal?: AbortSignal): Promise<string | undefined> {
  const start = (await bytes.read(0, START_BYTES, signal)).toString("latin1");
  const kind = KINDS.find(({ begins }) => begins.test(start));
  if (kind !== undefined) return kind.is;
  if (isTar(start) || /^[^\w]{0,3}\s*</.test(start)) return undefined;
  // A server without ranges would send everything before that place.
  if (bytes.seekable && (await bytes.read(ISO_OFFSET, ISO_MARK.length, signal)).toString() === ISO_MARK) {
    return "the image of a CD (ISO), to be put into a drive: `cdroms` of a ScratchVm, with a DatastoreFile that uploads it";
  }
  return isText(start) ? "a text file, no OVA" : undefined;
}

/** The mark of POSIX and GNU archives. Older archives have no mark. */
const isTar = (start: string): boolean => start.slice(257, 262) === "ustar";

const isText = (start: string): boolean => !/[\0-\u0008\u000e-\u001f]/.test(start);

/** Bytes of a header; content is padded to a multiple of it. */
export const TAR_BLOCK = 512;

/** Octal digits, a blank and a NUL, together `length` bytes. */
const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 2, "0")} \0`;

/**
 * The ustar header of a file without owner and time. Written here and not by a library, whose next version may
 * lay out the number fields another way: the committed image must stay the same to the byte.
 */
export function ustarHeader(name: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  header.write(name, 0, 100);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(sizeBytes, 12), 124);
  header.write(octal(0, 12), 136);
  // The checksum counts its own field as blanks.
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  header.write(octal(0, 8), 329);
  header.write(octal(0, 8), 337);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(octal(checksum, 8), 148);
  return header;
}

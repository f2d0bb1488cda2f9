const BLOCK = 512;

/** One entry of a tar archive for a test. */
export interface TarFile {
  readonly name: string;
  readonly content?: Uint8Array;
  /** tar's type flag. Default "0", a file. */
  readonly type?: string;
  readonly linkName?: string;
  /** How a name that is too long for the header is stored. Default `gnu`. */
  readonly longName?: "gnu" | "pax" | "ustar";
  /** Put name and size into pax records whether they fit the header or not. */
  readonly pax?: boolean;
  /** Store the size as GNU's base-256 number. */
  readonly base256?: boolean;
}

/** A tar archive with its end mark, padded to 10 KiB as GNU tar does unless told otherwise. */
export function buildTar(
  files: readonly TarFile[],
  options: { readonly end?: "gnu" | "short" | "none" } = {},
): Buffer {
  const pieces = files.flatMap((file) => tarEntry(file));
  const end = options.end ?? "gnu";
  if (end !== "none") pieces.push(Buffer.alloc(2 * BLOCK));
  const archive = Buffer.concat(pieces);
  if (end !== "gnu") return archive;
  return Buffer.concat([
    archive,
    Buffer.alloc((20 * BLOCK - (archive.length % (20 * BLOCK))) % (20 * BLOCK)),
  ]);
}

function tarEntry(file: TarFile): Buffer[] {
  const content = Buffer.from(file.content ?? new Uint8Array());
  const nameBytes = Buffer.from(file.name);
  const type = file.type ?? "0";
  const extra: Buffer[] = [];
  let name = nameBytes;
  let prefix = Buffer.alloc(0);
  let headerSize = content.length;
  if (file.pax === true || (nameBytes.length > 100 && file.longName === "pax")) {
    const records = paxRecord("path", file.name) + paxRecord("size", String(content.length));
    extra.push(
      header(Buffer.from("PaxHeaders/entry"), Buffer.byteLength(records), "x"),
      padded(Buffer.from(records)),
    );
    name = Buffer.from("pax-shortened");
    headerSize = 0;
  } else if (nameBytes.length > 100 && file.longName === "ustar") {
    const cut = file.name.lastIndexOf("/", 154);
    prefix = Buffer.from(file.name.slice(0, cut));
    name = Buffer.from(file.name.slice(cut + 1));
  } else if (nameBytes.length > 100) {
    const long = Buffer.concat([nameBytes, Buffer.alloc(1)]);
    extra.push(header(Buffer.from("./@LongLink"), long.length, "L"), padded(long));
    name = nameBytes.subarray(0, 100);
  }
  const block = header(name, headerSize, type, { prefix, linkName: file.linkName, base256: file.base256 });
  return [...extra, block, padded(content)];
}

function header(
  name: Buffer,
  size: number,
  type: string,
  options: { prefix?: Buffer; linkName?: string | undefined; base256?: boolean | undefined } = {},
): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0, 0, 100);
  block.write("0000644\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  if (options.base256 === true) {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  } else {
    block.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  }
  block.write("00000000000\0", 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write(options.linkName ?? "", 157, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  options.prefix?.copy(block, 345, 0, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length++;
  return `${length}${rest}`;
}

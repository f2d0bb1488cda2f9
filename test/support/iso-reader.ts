/** What is on an ISO 9660 image with Joliet, by the standard's own offsets; shares nothing with the writer. */
export interface IsoContent {
  /** As the primary descriptor has it, and as Joliet's has it. */
  readonly labels: readonly [plain: string, joliet: string];
  /** Files by their Joliet names. */
  readonly files: Readonly<Record<string, string>>;
  /** Names for readers that know no Joliet, without version. */
  readonly plainNames: readonly string[];
}

const SECTOR = 2048;

/** @throws Error for what is no such image, or contradicts itself. */
export function readIso(image: Uint8Array): IsoContent {
  const bytes = Buffer.from(image);
  const primary = descriptorOf(bytes, 1);
  const joliet = descriptorOf(bytes, 2);
  if (primary.readUInt32LE(80) * SECTOR !== bytes.length) throw new Error("the image is not of its own size");
  const plain = entriesOf(bytes, primary);
  const named = entriesOf(bytes, joliet);
  const content = ({ at, size }: Entry) => bytes.subarray(at * SECTOR, at * SECTOR + size).toString("utf8");
  return {
    labels: [primary.toString("latin1", 40, 72).trimEnd(), wide(joliet.subarray(40, 72)).trimEnd()],
    files: Object.fromEntries(named.map((entry) => [wide(entry.name), content(entry)])),
    plainNames: plain.map(({ name }) => name.toString("latin1").replace(/;1$/, "")),
  };
}

interface Entry {
  readonly name: Buffer;
  readonly at: number;
  readonly size: number;
}

function descriptorOf(bytes: Buffer, kind: number): Buffer {
  for (let sector = 16; bytes[sector * SECTOR] !== 255; sector++) {
    const found = bytes.subarray(sector * SECTOR, (sector + 1) * SECTOR);
    if (found.toString("latin1", 1, 6) !== "CD001") throw new Error(`sector ${sector} is no descriptor`);
    if (found[0] === kind) return found;
  }
  throw new Error(`there is no descriptor of kind ${kind}`);
}

function entriesOf(bytes: Buffer, descriptor: Buffer): Entry[] {
  const root = entryAt(descriptor, 156);
  const tables = [descriptor.readUInt32LE(140), descriptor.readUInt32BE(148)] as const;
  const roots = [bytes.readUInt32LE(tables[0] * SECTOR + 2), bytes.readUInt32BE(tables[1] * SECTOR + 2)];
  if (roots.some((at) => at !== root.at)) throw new Error("a path table names another folder");
  const found: Entry[] = [];
  for (let sector = root.at; sector < root.at + root.size / SECTOR; sector++) {
    const end = (sector + 1) * SECTOR;
    for (let at = sector * SECTOR; at < end; ) {
      const length = bytes[at] ?? 0;
      if (length === 0) break;
      if (at + length > end) throw new Error("an entry lies in two sectors");
      found.push(entryAt(bytes, at));
      at += length;
    }
  }
  const [self, parent, ...files] = found;
  if (self?.at !== root.at || parent?.at !== root.at)
    throw new Error("the folder does not begin with itself");
  return files;
}

function entryAt(bytes: Buffer, start: number): Entry {
  const [at, size] = [bytes.readUInt32LE(start + 2), bytes.readUInt32LE(start + 10)];
  if (bytes.readUInt32BE(start + 6) !== at || bytes.readUInt32BE(start + 14) !== size) {
    throw new Error("a number is not the same in both byte orders");
  }
  return { name: bytes.subarray(start + 33, start + 33 + (bytes[start + 32] ?? 0)), at, size };
}

const wide = (bytes: Buffer): string => Buffer.from(bytes).swap16().toString("utf16le");

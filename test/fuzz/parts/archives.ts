import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openFile } from "../../../provider/ovf/package/open-file.ts";
import { checkOvaSource } from "../../../provider/ovf/source/check-source.ts";
import { OvaSourceError } from "../../../provider/ovf/source/ova-source-error.ts";
import { openOvaSource } from "../../../provider/ovf/source/source.ts";
import { buildOva, diskFile } from "../../support/ova-builder.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { Chance } from "../chance.ts";
import type { FuzzPart } from "../fuzz-part.ts";
import { mutateBytes } from "../mutate.ts";

const SEEDS = [
  buildOva().ova,
  buildOva({ manifest: "sha1", files: [diskFile("a.vmdk", { compression: "gzip" })] }).ova,
  buildOva({ manifest: null, files: [diskFile("a.vmdk", { chunkSizeBytes: 1024 })] }).ova,
];
const BLOCK = 512;

/** Changes in the headers of the archive: in a byte of its content they would be found by digests only. */
function mutantOf(archive: Buffer, chance: Chance): Buffer {
  if (chance.below(3) === 0) return mutateBytes(archive, chance);
  const blocks = Math.floor(archive.length / BLOCK);
  const start = chance.below(Math.min(blocks, 12)) * BLOCK;
  const block = mutateBytes(archive.subarray(start, start + BLOCK), chance);
  const sized = Buffer.concat([block, Buffer.alloc(BLOCK)]).subarray(0, BLOCK);
  // A wrong sum would end most mutants at once.
  sized.fill(" ", 148, 156);
  const sum = sized.reduce((total, byte) => total + byte, 0);
  sized.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([archive.subarray(0, start), sized, archive.subarray(start + BLOCK)]);
}

let folder = "";

/** OVA archives: opened, looked at and read to the last byte. */
export const archives: FuzzPart = {
  name: "archives",
  draws: 120,
  async open() {
    const temporary = await temporaryFolder();
    folder = temporary.path;
    return () => temporary.remove();
  },
  async tryOne(chance) {
    const path = join(folder, "mutant.ova");
    await writeFile(path, mutantOf(chance.pick(SEEDS), chance));
    const source = await openOvaSource(path);
    try {
      await checkOvaSource(source);
      for (const file of source.files) {
        const { stream } = await openFile(source, file);
        for await (const _chunk of stream);
      }
    } finally {
      await source.close();
    }
  },
  isExpected: (error) => error instanceof OvaSourceError,
};

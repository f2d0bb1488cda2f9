import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/setup/cache.mjs";

const [rawSha256 = "", rawSize] = readFileSync(join(root, "images/tinyVM.raw.sha256"), "utf8")
  .trim()
  .split(" ");

/** The committed OVA and what its one disk holds. */
export const tinyOva = {
  path: join(root, "images/tinyVM.ova"),
  /** SHA-256 of the raw disk, in lower-case hex. */
  rawSha256,
  /** The disk's capacity in bytes. */
  rawSize: Number(rawSize),
};

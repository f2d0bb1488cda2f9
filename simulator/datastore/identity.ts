/** The UUID of a VMFS volume, which is stored in the volume itself. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** VMFS stores a volume's UUID in this hidden file of its root. */
export const VOLUME_HEADER = ".vh.sf";

/** The UUID of the volume in this folder. If it has none, a new one is written there. */
export async function volumeUuid(root: string): Promise<string> {
  const header = join(root, VOLUME_HEADER);
  const known = await readFile(header, "utf8").catch(() => "");
  if (known !== "") return known.trim();
  const uuid = randomUuid();
  await writeFile(header, `${uuid}\n`);
  return uuid;
}

/** A UUID as VMFS writes it, such as `5f1e9c2a-0b7d4e11-93c4-000c29a1b2c3`. */
function randomUuid(): string {
  const hex = randomBytes(16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

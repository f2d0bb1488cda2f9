// Makes images/tinyVM.ova and images/tinyVM.raw.sha256 (digest and size of the raw disk) anew:
// `node tools/images/make-tiny-ova.ts [FOLDER]`. The same qemu-img makes the same bytes every time.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureDebianTool } from "../prerequisites/debian-tool.ts";
import { root } from "../setup/cache.mjs";
import { runCommand } from "../setup/command.ts";
import { makeTinyDisk } from "./tiny-disk.ts";
import { makeTinyOvf } from "./tiny-ovf.ts";
import { TAR_BLOCK, ustarHeader } from "./ustar-header.ts";

const NAME = "tinyVM";

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

/** The bytes as a streamOptimized VMDK. qemu-img gives every disk a random content ID: this one gets its digest. */
async function convertToVmdk(raw: Buffer): Promise<Buffer> {
  const qemuImg = await ensureDebianTool("qemu-img", "qemu-utils");
  if (!qemuImg.available) throw new Error(qemuImg.reason);
  const folder = mkdtempSync(join(tmpdir(), "tiny-ova-"));
  try {
    const source = join(folder, "disk.raw");
    const target = join(folder, "disk.vmdk");
    writeFileSync(source, raw);
    const format = ["-O", "vmdk", "-o", "subformat=streamOptimized,adapter_type=lsilogic"];
    const result = await runCommand(qemuImg.path, ["convert", "-f", "raw", ...format, source, target]);
    if (result.code !== 0) throw new Error(`qemu-img could not make the disk: ${result.stderr}`);
    const text = readFileSync(target).toString("latin1");
    return Buffer.from(text.replace(/^CID=[0-9a-f]{8}$/m, `CID=${sha256(raw).slice(0, 8)}`), "latin1");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A ustar archive, in the order that DSP0243 asks for: the descriptor comes first. */
function packTar(files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const blocks = files.flatMap(([name, content]) => [
    ustarHeader(name, content.length),
    content,
    Buffer.alloc(-content.length & (TAR_BLOCK - 1)),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * TAR_BLOCK)]);
}

const folder = process.argv[2] ?? join(root, "images");
const raw = makeTinyDisk();
const vmdk = await convertToVmdk(raw);
const diskName = `${NAME}-disk1.vmdk`;
const ovf = Buffer.from(makeTinyOvf({ name: diskName, size: vmdk.length }, raw.length));
const manifest = `SHA256(${NAME}.ovf)= ${sha256(ovf)}\nSHA256(${diskName})= ${sha256(vmdk)}\n`;

mkdirSync(folder, { recursive: true });
const ova = packTar([
  [`${NAME}.ovf`, ovf],
  [`${NAME}.mf`, Buffer.from(manifest)],
  [diskName, vmdk],
]);
writeFileSync(join(folder, `${NAME}.ova`), ova);
writeFileSync(join(folder, `${NAME}.raw.sha256`), `${sha256(raw)} ${raw.length}\n`);
process.stdout.write(`${join(folder, `${NAME}.ova`)}: ${ova.length} bytes\n`);

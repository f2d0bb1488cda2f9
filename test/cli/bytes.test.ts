import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { digestOf } from "../support/collect.ts";
import { openLab, succeeded } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";
import { need } from "../support/prerequisites.ts";
import { PulumiProject } from "../support/pulumi-project.ts";
import { rawDisk } from "../support/stream-vmdk.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { startVcsim } from "../support/vcsim.ts";

const run = promisify(execFile);
const LIMIT = { timeout: 180_000 };
const PASSWORD = "tell-Nobody-47";

/** An OVA, its VMDKs in order, and what a raw image of each hashes to. */
interface SourceOva {
  readonly path: string;
  readonly vmdks: readonly { readonly bytes: number; readonly rawSha256: string }[];
}

/** Two disks, written by qemu-img. */
async function qemuOva(context: TestContext, folder: TemporaryFolder): Promise<SourceOva> {
  const qemuImg = await need(context, "TEST_QEMU_IMG");
  const files = [];
  const vmdks = [];
  for (const [index, sizeBytes] of [3 * 1024 * 1024, 1024 * 1024].entries()) {
    const href = `qemu-disk${index + 1}.vmdk`;
    const raw = await folder.write(`${href}.raw`, rawDisk(sizeBytes, index + 11));
    const vmdk = join(folder.path, href);
    await run(qemuImg, ["convert", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, vmdk]);
    const content = await readFile(vmdk);
    files.push({ href, content, capacityBytes: sizeBytes });
    const { sha256 } = await digestOf(createReadStream(raw));
    vmdks.push({ bytes: content.length, rawSha256: sha256 });
  }
  return { path: await folder.write("qemu.ova", buildOva({ name: "qemu", files }).ova), vmdks };
}

/** A disk that VMware's own tools wrote, with its directory at the end. */
async function vmwareOva(context: TestContext, folder: TemporaryFolder): Promise<SourceOva> {
  const vmdk = await need(context, "TEST_VMWARE_DISK");
  const qemuImg = await need(context, "TEST_QEMU_IMG");
  const raw = join(folder.path, "vmware.raw");
  await run(qemuImg, ["convert", "-O", "raw", vmdk, raw]);
  const { sha256, bytes } = await digestOf(createReadStream(raw));
  const content = await readFile(vmdk);
  const file = { href: "disk1.vmdk", content, capacityBytes: bytes };
  const { ova } = buildOva({ name: "vmware", files: [file], manifest: "sha512" });
  return {
    path: await folder.write("vmware.ova", ova),
    vmdks: [{ bytes: content.length, rawSha256: sha256 }],
  };
}

async function sources(context: TestContext) {
  const folder = await temporaryFolder();
  context.onTestFinished(() => folder.remove());
  return { qemu: await qemuOva(context, folder), vmware: await vmwareOva(context, folder) };
}

test("disks written by qemu-img and by VMware's tools arrive byte for byte", LIMIT, async (context) => {
  const ovas = await sources(context);
  const { host, project } = await openLab(context);
  await project.declare({ qemu: { ovaPath: ovas.qemu.path }, vmware: { ovaPath: ovas.vmware.path } });
  succeeded(await project.up());
  for (const name of ["qemu", "vmware"] as const) {
    const arrived = host.diskPaths(name).map((path) => host.simulator.diskFile(path));
    const digests = await Promise.all(arrived.map(async (file) => digestOf(createReadStream(file))));
    expect(digests.map(({ sha256 }) => sha256)).toEqual(ovas[name].vmdks.map(({ rawSha256 }) => rawSha256));
  }
  await host.expectVms("qemu: poweredOn", "vmware: poweredOn");
});

test(
  "the same deployment works against vcsim, which gets every byte of every disk",
  LIMIT,
  async (context) => {
    const ovas = await sources(context);
    const program = await need(context, "TEST_VCSIM");
    const project = await PulumiProject.make(await need(context, "TEST_PULUMI_BIN"));
    const log = join(project.folder, "requests.jsonl");
    const vcsim = await startVcsim({ program, password: PASSWORD, requestLog: log });
    context.onTestFinished(async () => {
      await vcsim.stop();
      await project.remove();
    });
    await project.useHost({ ...vcsim, password: PASSWORD });
    const vms = {
      qemu: { ovaPath: ovas.qemu.path },
      tiny: { ovaPath: tinyOva.path },
      vmware: { ovaPath: ovas.vmware.path },
    };
    await project.declare(vms);
    succeeded(await project.up());

    const served = (await readFile(log, "utf8"))
      .trim()
      .split("\n")
      .map((line): { method: string; bodyBytes: number } => JSON.parse(line));
    const sent = served.filter(({ method }) => method.startsWith("POST /nfc/"));
    const expected = [
      ...[...ovas.qemu.vmdks, ...ovas.vmware.vmdks].map(({ bytes }) => bytes),
      await vmdkBytes(vms.tiny.ovaPath),
    ];
    expect(sorted(sent.map(({ bodyBytes }) => bodyBytes))).toEqual(sorted(expected));

    await project.declare({ qemu: { ...vms.qemu, memory: 128 }, tiny: vms.tiny });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ update: ["qemu"], same: ["tiny"], delete: ["vmware"] });
    expect((await project.vmsInState()).get("qemu")?.outputs).toMatchObject({ memory: 128 });
    expect([...(await project.vmsInState()).keys()].sort()).toEqual(["qemu", "tiny"]);
  },
);

/** Size of the one VMDK of an archive. */
async function vmdkBytes(ova: string): Promise<number> {
  const { stdout } = await run("tar", ["-tvf", ova]);
  const line = stdout.split("\n").find((entry) => entry.endsWith(".vmdk"));
  const size = line?.trim().split(/\s+/)[2];
  return Number(size);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

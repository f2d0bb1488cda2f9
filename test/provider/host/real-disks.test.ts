import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { importOva } from "../../../provider/host/import/import-ova.ts";
import { openOvaSource } from "../../../provider/ovf/source/source.ts";
import { digestOf } from "../../support/collect.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { buildOva } from "../../support/ova-builder.ts";
import { need } from "../../support/prerequisites.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { PLAIN_IMPORT } from "./import/plain-import.ts";

const run = promisify(execFile);

test("a disk that VMware's own tools wrote arrives byte for byte", async (context) => {
  const disk = await need(context, "TEST_VMWARE_DISK");
  const qemuImg = await need(context, "TEST_QEMU_IMG");
  const folder = await temporaryFolder();
  const raw = join(folder.path, "disk.raw");
  await run(qemuImg, ["convert", "-O", "raw", disk, raw]);
  const expected = await digestOf(createReadStream(raw));
  const file = { href: "disk1.vmdk", content: await readFile(disk), capacityBytes: expected.bytes };
  const path = await folder.write(
    "real.ova",
    buildOva({ name: "real", files: [file], manifest: "sha512" }).ova,
  );

  const simulated = await SimulatedHost.start();
  const host = connectTo(simulated);
  const source = await openOvaSource(path);
  try {
    await importOva(
      host,
      source,
      { ...PLAIN_IMPORT, name: "real" },
      {
        signal: AbortSignal.timeout(60_000),
        onStatus: () => {},
        onWarning: (text) => expect.fail(text),
        beforeRetry: async () => expect.fail("the first attempt should do"),
      },
    );
    expect(await simulated.rawDisk("real")).toBe(expected.sha256);
    expect((await simulated.contents()).leases).toBe(0);
  } finally {
    await source.close();
    await host.close();
    await simulated.stop();
    await folder.remove();
  }
});

/** Files and folders against vcsim, a host that others wrote. */
import { createHash, randomBytes } from "node:crypto";
import { afterEach, expect, type TestContext, test } from "vitest";
import { findEntry } from "../../../provider/host/datastore/datastore-listing.ts";
import { parseDatastorePath } from "../../../provider/host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Context } from "../../../provider/resources/frame/lifecycle.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startVcsim } from "../../support/vcsim.ts";
import { failure } from "./lab.ts";
import { Managed } from "./managed.ts";

const ISO = randomBytes(300_000);
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(context: TestContext): Promise<{ host: EsxiHost; lab: { context(): Context } }> {
  const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret" });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  const folder = await temporaryFolder();
  await folder.write("core.iso", ISO);
  cleanUps.push(vcsim.stop, folder.remove, () => host.close());
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: folder.path,
    host: () => host,
  };
  return { host, lab: { context: () => lifecycle } };
}

test("a folder and a file in it live on vcsim from create to delete", async (context) => {
  const { host, lab } = await open(context);
  const there = (path: unknown) =>
    findEntry(host, parseDatastorePath(String(path)), new AbortController().signal);
  const folders = new Managed(lab, "DatastoreFolder", datastoreFolder);
  const files = new Managed(lab, "DatastoreFile", datastoreFile);
  const folder = await folders.create({ path: "lab/iso" });
  expect(await there(folder.id)).toMatchObject({ name: "iso", isFolder: true });

  const wish = { path: "lab/iso/core.iso", source: "core.iso" };
  const file = await files.create(wish);
  const sha256 = createHash("sha256").update(ISO).digest("hex");
  expect(file.outs).toMatchObject({ size: ISO.length, sha256 });
  expect(await there(file.id)).toMatchObject({ name: "core.iso", isFolder: false, size: ISO.length });
  expect((await files.read(file))?.outs).toEqual(file.outs);
  expect((await files.create({ ...wish, adopt: true })).outs).toMatchObject({ sha256 });
  expect((await failure(folders.delete(folder))).message).toContain("is not empty: core.iso.");

  await files.delete(file);
  expect(await there(file.id)).toBeUndefined();
  await folders.delete(folder);
  expect(await there(folder.id)).toBeUndefined();
});

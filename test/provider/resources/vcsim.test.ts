/** The same lifecycle against vcsim, a host that others wrote. */
import { createHash } from "node:crypto";
import { afterEach, expect, type TestContext, test, vi } from "vitest";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { HttpNfcLease } from "../../../provider/nfc/index.ts";
import type { Context, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { closeOvaSources } from "../../../provider/resources/vm/ova-sources.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { buildOva, diskFile } from "../../support/ova-builder.ts";
import { need } from "../../support/prerequisites.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { startVcsim } from "../../support/vcsim.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::vm";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Place {
  readonly lifecycle: Context;
  readonly host: EsxiHost;
  readonly folder: TemporaryFolder;
}

async function open(context: TestContext): Promise<Place> {
  const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret" });
  const folder = await temporaryFolder();
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(vcsim.stop, folder.remove, () => host.close(), closeOvaSources);
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: folder.path,
    host: () => host,
  };
  return { lifecycle, host, folder };
}

async function check(context: Context, settings: Properties): Promise<Properties> {
  const news = { name: "vm", ...settings, __provider: "text", __urn: URN };
  const { inputs, failures } = await ovaDeployment.check({}, news, context);
  expect(failures).toEqual([]);
  return inputs;
}

/** What vcsim says it has received, asked for each lease before it is complete. */
function receivedFiles(): { sha1: string; size: number }[] {
  const received: { sha1: string; size: number }[] = [];
  const complete = HttpNfcLease.prototype.complete;
  vi.spyOn(HttpNfcLease.prototype, "complete").mockImplementation(async function (
    this: HttpNfcLease,
    signal,
  ) {
    for (const { sha1, size } of await this.manifest()) received.push({ sha1, size });
    return complete.call(this, signal);
  });
  return received;
}

test("vcsim receives every disk, byte for byte", async (context) => {
  const { lifecycle, folder } = await open(context);
  const files = [diskFile("one.vmdk", { seed: 1 }), diskFile("two.vmdk", { seed: 2 })];
  const ovaPath = await folder.write("two-disks.ova", buildOva({ files }).ova);
  const received = receivedFiles();

  await ovaDeployment.create(await check(lifecycle, { ovaPath }), lifecycle);

  expect(received.sort((a, b) => a.sha1.localeCompare(b.sha1))).toEqual(
    files
      .map(({ content }) => ({
        sha1: createHash("sha1").update(content).digest("hex"),
        size: content.length,
      }))
      .sort((a, b) => a.sha1.localeCompare(b.sha1)),
  );
});

test("a VM lives on vcsim from create to delete", async (context) => {
  const { lifecycle, host, folder } = await open(context);
  const ovaPath = await folder.write("tiny.ova", buildOva().ova);
  const inputs = await check(lifecycle, { ovaPath, memory: 128, extraConfig: { "guestinfo.a": "1" } });

  const { id, outs } = await ovaDeployment.create(inputs, lifecycle);
  const [made] = (await host.vms.inventory()).vms;
  expect(made).toMatchObject({ instanceUuid: id, name: "vm", powerState: "poweredOn", memory: 128 });
  expect(made?.extraConfig.get("guestinfo.a")).toBe("1");
  expect(made?.ownerMark).toMatchObject({ urn: URN, phase: "created" });
  expect(await ovaDeployment.diff(id, outs, inputs, lifecycle)).toMatchObject({ changes: false });

  const news = await check(lifecycle, { ovaPath, memory: 256, annotation: "changed" });
  const updated = await ovaDeployment.update(id, outs, news, lifecycle);
  expect(updated.outs).toMatchObject({ memory: 256, annotation: "changed", powerState: "poweredOn" });
  const [changed] = (await host.vms.inventory()).vms;
  expect(changed).toMatchObject({ instanceUuid: id, memory: 256, annotation: "changed" });
  expect(changed?.extraConfig.get("guestinfo.a") ?? "").toBe("");

  const read = await ovaDeployment.read(id, updated.outs, lifecycle);
  expect(read.id).toBe(id);
  expect(await ovaDeployment.diff(id, read.props ?? {}, news, lifecycle)).toMatchObject({ changes: false });

  await ovaDeployment.delete(id, updated.outs, lifecycle);
  await ovaDeployment.delete(id, updated.outs, lifecycle);
  expect((await host.vms.inventory()).vms).toEqual([]);
  expect(await ovaDeployment.read(id, updated.outs, lifecycle)).toEqual({});
});

import { expect, onTestFinished, test } from "vitest";
import { create } from "../../../provider/vim/codec/objects.ts";
import { fetchFile } from "../../../simulator/lease/fetch.ts";
import { collect } from "../../support/collect.ts";
import { serveFiles } from "../../support/file-server.ts";
import { buildTar } from "../../support/tar-builder.ts";

const { signal } = new AbortController();
const source = (url: string, memberName?: string) =>
  create("HttpNfcLeaseSourceFile", { targetDeviceId: "disk", create: false, url, memberName });

test.each(["http://192.0.2.1/a.vmdk", "https://example.com/a.ova", "nonsense"])(
  "%s is out of a simulated host's reach: it fetches from its own machine only",
  async (url) => {
    await expect(fetchFile(source(url), signal)).rejects.toMatchObject({ type: "HostConnectFault" });
  },
);

test("a member of an archive is taken out of it, and one that is not there is missed", async () => {
  const ova = buildTar([
    { name: "./a.ovf", content: Buffer.from("descriptor") },
    { name: "./a.vmdk", content: Buffer.from("disk") },
  ]);
  const server = await serveFiles(new Map([["/a.ova", ova]]));
  onTestFinished(() => server.close());
  const fetched = (name: string) => fetchFile(source(`${server.url}/a.ova`, name), signal).then(collect);
  expect(String(await fetched("a.vmdk"))).toBe("disk");
  await expect(fetched("b.vmdk")).rejects.toMatchObject({ type: "FileNotFound" });
});

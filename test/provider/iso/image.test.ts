import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isoImage } from "../../../provider/iso/image.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { readIso } from "../../support/iso-reader.ts";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SEED = {
  "user-data": "#cloud-config\nhostname: alice\n",
  "meta-data": "",
  "network-config": "version: 2\n".repeat(400),
};

test("an image has its label and its files, under their own names", () => {
  expect(readIso(isoImage("cidata", SEED))).toEqual({
    labels: ["cidata", "cidata"],
    files: SEED,
    plainNames: ["META-DATA.", "NETWORK-CONFIG.", "USER-DATA."],
  });
});

test("a label may have a space, and a name an ending", () => {
  const content = readIso(isoImage("OVF ENV", { "ovf-env.xml": "<Environment/>" }));
  expect(content).toEqual({
    labels: ["OVF ENV", "OVF ENV"],
    files: { "ovf-env.xml": "<Environment/>" },
    plainNames: ["OVF-ENV.XML"],
  });
});

test("the same content gives the same bytes, whatever the day", () => {
  const sha256 = createHash("sha256").update(isoImage("cidata", SEED)).digest("hex");
  expect(sha256).toBe("8e675015cbbe843b5cf4e20f70f903e83aa7c28449de660d08267b2ab991a36a");
});

test("a small image is small", () => {
  expect(isoImage("cidata", { "user-data": "x" }).byteLength).toBeLessThan(60_000);
});

test("a folder may be longer than a sector", () => {
  const files = Object.fromEntries(
    Array.from({ length: 90 }, (_, index) => [
      `file-number-${index}.with-a-long-name.txt`,
      `content ${index}`,
    ]),
  );
  expect(readIso(isoImage("cidata", files)).files).toEqual(files);
});

test("names that are the same in upper case and cut off stay apart", () => {
  const files = { "a name.text": "1", "A NAME.texts": "2", a_name: "3", "ä name.textile": "4" };
  const { plainNames, files: read } = readIso(isoImage("cidata", files));
  expect(plainNames).toEqual(["A_NAME.", "A_NAME.TEX", "A_NAME1.TEX", "__NAME.TEX"]);
  expect(read).toEqual(files);
});

test.each(["", "seventeen letters", "cidatä", "ci/data"])("%j is refused as a label", (label) => {
  expect(() => isoImage(label, SEED)).toThrow(/cannot be the label of an ISO image/);
});

test.each(["", "..", "a/b", "a;1", "x".repeat(65), "a\nb"])("%j is refused as a name", (name) => {
  expect(() => isoImage("cidata", { [name]: "" })).toThrow(/cannot be the name of a file in an ISO image/);
});

test("isoinfo reads the label and every file, by Joliet and without", async (context) => {
  const isoinfo = await need(context, "TEST_ISOINFO");
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "seed.iso");
  writeFileSync(file, isoImage("OVF ENV", { ...SEED, "ovf-env.xml": "<Environment/>" }));
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(isoinfo, ["-i", file, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };
  expect(await ask("-d")).toMatch(/Volume id: OVF ENV\n[\s\S]*Joliet with UCS level 3 found/);
  expect((await ask("-J", "-f")).split("\n").filter(Boolean)).toEqual([
    "/meta-data",
    "/network-config",
    "/ovf-env.xml",
    "/user-data",
  ]);
  expect(await ask("-J", "-x", "/network-config")).toBe(SEED["network-config"]);
  expect(await ask("-J", "-x", "/ovf-env.xml")).toBe("<Environment/>");
  expect(await ask("-x", "/OVF-ENV.XML;1")).toBe("<Environment/>");
});

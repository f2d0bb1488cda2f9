/** Which images for drives go with a machine, and which stay: one host, at which nothing is deleted. */
import { rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { imagesOnDelete } from "../../../../provider/host/file-use/images-on-delete.ts";
import { CLAIM } from "../../../../provider/host/ovf-environment/iso-files.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const ENVIRONMENT = ["a", "b"].map((name) => `[datastore1] vm/pulumi-esxi-direct-ovf-env-${name}.iso`);
const MADE = "[datastore1] vm/made.iso";
const OTHER = "[datastore1] vm/other.iso";
const { signal } = new AbortController();

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
  await stranger.vm("elsewhere");
});

afterEach(async () => {
  for (const { moid, name } of lab.raw.simulator.vms())
    if (name !== "elsewhere") await lab.raw.simulator.behindBack.destroy(moid);
  await rm(lab.raw.simulator.localFile("[datastore1] vm"), { recursive: true, force: true });
});

afterAll(() => lab.close());

const put = (path: string) => writeFile(lab.raw.simulator.localFile(path), "an image");

/** The machine "vm", with those settings. */
async function make(settings: Readonly<Record<string, string>>): Promise<void> {
  await stranger.vm("vm");
  const extraConfig = Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { extraConfig });
}

async function onDelete() {
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm("vm").moid });
  if (vm === undefined) throw new Error("The host has no machine vm.");
  return imagesOnDelete(lab.host, vm, signal);
}

test("a machine without images has none that go, and the other machines are not looked at for it", async () => {
  await make({});
  lab.raw.simulator.requests.clear();
  expect(await onDelete()).toEqual({ going: [], staying: [] });
  expect(lab.raw.count("RetrievePropertiesEx")).toBe(1);
});

test("the image with its OVF environment goes, whether or not it is in the drive", async () => {
  await make(CLAIM);
  expect(await onDelete()).toEqual({ going: ENVIRONMENT, staying: [] });
  await put(ENVIRONMENT[0] ?? "");
  await stranger.mount("vm", ENVIRONMENT[0] ?? "");
  expect(await onDelete()).toEqual({ going: ENVIRONMENT, staying: [] });
});

test("an image from its OVA goes, also if no drive has it any more", async () => {
  await make({ ...CLAIM, "pulumi-esxi-direct.images": "made.iso" });
  expect(await onDelete()).toEqual({ going: [...ENVIRONMENT, MADE], staying: [] });
  await put(MADE);
  await stranger.mount("vm", "[datastore1] vm//made.iso");
  expect(await onDelete()).toEqual({ going: [...ENVIRONMENT, MADE], staying: [] });
});

test("one that others may need stays, and a sentence names each of them once", async () => {
  await make({ "pulumi-esxi-direct.images": "made.iso" });
  await put(MADE);
  for (const name of ["one", "two"]) {
    await stranger.vm(name);
    await stranger.mount(name, MADE);
  }
  await stranger.snapshot("one");
  expect(await onDelete()).toEqual({
    going: [],
    staying: [
      `"vm" is deleted, but ${MADE} stays, because "one", "two" may need it. Delete that file yourself when nobody ` +
        "needs it any more.",
    ],
  });
});

test("one in its drive that nothing says was made for it stays, and one elsewhere is nobody's concern", async () => {
  await make({});
  await put(OTHER);
  await stranger.mount("vm", OTHER);
  expect(await onDelete()).toEqual({
    going: [],
    staying: [
      `"vm" is deleted, but ${OTHER} stays, because nothing says that it was made for "vm". Delete that file yourself ` +
        "when nobody needs it any more.",
    ],
  });
  await lab.raw.simulator.behindBack.destroy(lab.raw.vm("vm").moid);
  await make({});
  await put("[datastore1] elsewhere/far.iso");
  await stranger.mount("vm", "[datastore1] elsewhere/far.iso");
  expect(await onDelete()).toEqual({ going: [], staying: [] });
});

test("nothing is said of an image that is not there", async () => {
  await make({});
  await put(OTHER);
  await stranger.mount("vm", OTHER);
  await rm(lab.raw.simulator.localFile(OTHER));
  expect(await onDelete()).toEqual({ going: [], staying: [] });
});

import { afterEach, beforeEach, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { rememberGiven, takeGiven } from "../../../../provider/host/file-use/given-files.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDeviceConfigSpec } from "../../../../schema/index.ts";
import { diskWith, silentHost } from "./machines.ts";

let host: EsxiHost;

beforeEach(() => {
  host = silentHost();
});

afterEach(() => host.close());

const add = (device: VirtualDevice, more: Partial<VirtualDeviceConfigSpec> = {}) =>
  create("VirtualDeviceConfigSpec", { operation: "add", device, ...more });
const LINKED = ["[ds] clone//clone.vmdk", "[ds] golden/golden.vmdk", "[ds] golden/base.vmdk"];

/** All that is taken now. */
function taken(of = host): string[] {
  const files: string[] = [];
  takeGiven(of, (file) => files.push(file) > 0);
  return files;
}

test("a disk that is attached is given, with all that it builds on, in one spelling", () => {
  rememberGiven(host, [add(diskWith(LINKED))]);
  expect(taken()).toEqual(["[ds] clone/clone.vmdk", ...LINKED.slice(1)]);
});

test("of a disk that is made only what it builds on is given", () => {
  rememberGiven(host, [add(diskWith(LINKED), { fileOperation: "create" })]);
  expect(taken()).toEqual(LINKED.slice(1));
});

test("an image in a drive is given", () => {
  const backing = create("VirtualCdromIsoBackingInfo", { fileName: "[ds] iso/a.iso" });
  rememberGiven(host, [add(create("VirtualCdrom", { key: 3000, backing }), { operation: "edit" })]);
  expect(taken()).toEqual(["[ds] iso/a.iso"]);
});

test("what is taken away, has no file, or a file without a name, is not given", () => {
  rememberGiven(host, undefined);
  rememberGiven(host, [
    add(diskWith(["[ds] vm/vm.vmdk"]), { operation: "remove" }),
    add(create("VirtualCdrom", { key: 3000 })),
    add(diskWith([""])),
  ]);
  expect(taken()).toEqual([]);
});

test("a given file is told once, to who asks for it, and of its host alone", async () => {
  rememberGiven(host, [add(diskWith(["[ds] a.vmdk"]))]);
  rememberGiven(host, [add(diskWith(["[ds] b.vmdk"]))]);
  const other = silentHost();
  expect(taken(other)).toEqual([]);
  await other.close();
  expect(takeGiven(host, (file) => file === "[ds] c.vmdk")).toBe(false);
  expect(takeGiven(host, (file) => file === "[ds] a.vmdk")).toBe(true);
  expect(takeGiven(host, (file) => file === "[ds] a.vmdk")).toBe(false);
  expect(taken()).toEqual(["[ds] b.vmdk"]);
});

/** Images that came in a machine's OVA: what its setting says of them, and how much of that is believed. */
import { expect, test } from "vitest";
import { claimingImages, imageOf, packageImages } from "../../../../provider/host/file-use/package-images.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { diskWith, machineWith } from "./machines.ts";

const KEY = "pulumi-esxi-direct.images";

const cdWith = (fileName: string) =>
  create("VirtualCdrom", { key: 3000, backing: create("VirtualCdromIsoBackingInfo", { fileName }) });
const added = (device: Parameters<typeof imageOf>[0]) =>
  create("VirtualDeviceConfigSpec", { operation: "add", device });
const specWith = (...files: readonly string[]) =>
  create("VirtualMachineConfigSpec", {
    name: "vm",
    extraConfig: [create("OptionValue", { key: "a", value: "b" })],
    deviceChange: [added(diskWith(["[ds] vm/vm.vmdk"])), ...files.map((file) => added(cdWith(file)))],
  });

test("the names of the images in drives are written into the specification, beside what is there", () => {
  expect(claimingImages(specWith("[ds] vm/first.iso", "[ds] SECOND.ISO"))).toEqual({
    ...specWith("[ds] vm/first.iso", "[ds] SECOND.ISO"),
    extraConfig: [
      create("OptionValue", { key: "a", value: "b" }),
      create("OptionValue", { key: KEY, value: "first.iso\nSECOND.ISO" }),
    ],
  });
});

test("a specification without other settings gets this one, and one without images is left as it is", () => {
  const { extraConfig: _, ...rest } = specWith("[ds] vm/first.iso");
  expect(claimingImages(rest).extraConfig).toEqual([create("OptionValue", { key: KEY, value: "first.iso" })]);
  for (const spec of [
    specWith(),
    specWith("no path.iso", "[ds] vm/notes.txt"),
    create("VirtualMachineConfigSpec", {}),
  ])
    expect(claimingImages(spec)).toBe(spec);
});

test("a drive has an image if a file of that kind is in it", () => {
  expect(imageOf(cdWith("[ds] vm/First.Iso"))).toEqual(["[ds] vm/First.Iso"]);
  expect(imageOf(cdWith("[ds] vm/first.iso.txt"))).toEqual([]);
  expect(imageOf(cdWith(""))).toEqual([]);
  expect(imageOf(diskWith(["[ds] vm/first.iso"]))).toEqual([]);
});

const images = (text: string | undefined, vmxPath = "[ds] lab/vm/vm.vmx") =>
  packageImages({ ...machineWith([], text === undefined ? {} : { [KEY]: text }), vmxPath });

test("images of that name in the machine's folder are its own", () => {
  expect(images("first.iso\nsecond.iso")).toEqual(["[ds] lab/vm/first.iso", "[ds] lab/vm/second.iso"]);
  expect(images(undefined)).toEqual([]);
});

test.each([
  ["nothing", ""],
  ["what is no image", "vm.vmdk\nvm.vmx\nfirst.iso.vmdk"],
  ["files in other folders", "../data/data.iso\nbelow/a.iso\n/vmfs/volumes/ds/a.iso"],
])("what somebody else has written there is not believed: %s", (_, text) => {
  expect(images(text)).toEqual([]);
});

test("a machine at the top of a datastore has none: other machines' files are beside it", () => {
  expect(images("first.iso", "[ds] vm.vmx")).toEqual([]);
});

import { describe, expect, test } from "vitest";
import { diskOf, isBelow, spelled } from "../../../../provider/host/file-use/file-names.ts";

describe("one file has one spelling", () => {
  test.each([
    ["[ds] vm/vm.vmdk", "[ds] vm/vm.vmdk"],
    ["[ds]vm//a///vm.vmdk", "[ds] vm/a/vm.vmdk"],
    ["[ds] /vm/vm.vmdk", "[ds] vm/vm.vmdk"],
    ["[ds]", "[ds]"],
  ])("%s is %s", (told, one) => {
    expect(spelled(told)).toBe(one);
  });

  test("a file whose datastore the host cannot name has its path", () => {
    expect(spelled("[] /vmfs/volumes/5e2c-1/vm/vm.vmdk")).toBe("[] vm/vm.vmdk");
    expect(spelled("[] /usr/lib/vmware/isoimages/linux.iso")).toBe("[] /usr/lib/vmware/isoimages/linux.iso");
  });

  test("what is no datastore path stays as it is", () => {
    expect(spelled("/vmfs/volumes//ds/vm.vmdk")).toBe("/vmfs/volumes//ds/vm.vmdk");
    expect(spelled("")).toBe("");
  });
});

describe("the disk that a file with bytes belongs to", () => {
  test.each(["flat", "delta", "sesparse", "ctk", "rdm", "rdmp"])("is found for -%s.vmdk", (kind) => {
    expect(diskOf(`[ds] vm/a-${kind}.vmdk`)).toBe("[ds] vm/a.vmdk");
  });

  test.each(["[ds] vm/a.vmdk", "[ds] vm/a-flat.vmdk.bak", "[ds] a-flat.vmdk/b.vmdk", "[ds] vm/flat.vmdk"])(
    "is %s itself",
    (file) => {
      expect(diskOf(file)).toBe(file);
    },
  );
});

describe("below a place", () => {
  const ds = (path: string) => ({ datastore: "ds", path });
  test.each([
    ["a file in the folder", "vm/vm.vmdk", "vm", true],
    ["a file in a folder of it", "vm/a/vm.vmdk", "vm", true],
    ["the place itself", "vm", "vm", true],
    ["everything, of the datastore", "vm/vm.vmdk", "", true],
    ["not a folder whose name begins alike", "vm2/vm.vmdk", "vm", false],
    ["not what the place lies in", "vm", "vm/a", false],
  ])("lies %s", (_, file, place, isSo) => {
    expect(isBelow(ds(file), ds(place))).toBe(isSo);
  });

  test("lies nothing of another datastore", () => {
    expect(isBelow({ datastore: "other", path: "vm/vm.vmdk" }, ds("vm"))).toBe(false);
    expect(isBelow({ datastore: "other", path: "vm/vm.vmdk" }, ds(""))).toBe(false);
  });
});

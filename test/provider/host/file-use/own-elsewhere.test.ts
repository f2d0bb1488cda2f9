/** Which disks on other datastores a host has made for a machine, and in which folders: files that nobody else has. */
import { expect, test } from "vitest";
import { foldersElsewhere, isOwnElsewhere } from "../../../../provider/host/file-use/own-elsewhere.ts";

const VMX = "[ds] lab/vm/vm.vmx";

test.each([
  ["[ssd] lab/vm/vm.vmdk"],
  ["[ssd] lab/vm/vm_1.vmdk"],
  ["[ssd] lab/vm/vm_12.vmdk"],
  ["[ssd] lab/vm/vm_123.vmdk"],
])("%s was made for the machine", (file) => {
  expect(isOwnElsewhere(file, VMX)).toBe(true);
});

test.each([
  ["on its own datastore", "[ds] lab/vm/vm.vmdk"],
  ["in a folder of another path", "[ssd] vm/vm.vmdk"],
  ["in a folder below", "[ssd] lab/vm/vm/vm.vmdk"],
  ["at the top", "[ssd] vm.vmdk"],
  ["of another name", "[ssd] lab/vm/data.vmdk"],
  ["of a name that begins alike", "[ssd] lab/vm/vm1.vmdk"],
  ["of a name that ends alike", "[ssd] lab/vm/my_vm_1.vmdk"],
  ["of a name as long, with a number", "[ssd] lab/vm/xy_1.vmdk"],
  ["without a number", "[ssd] lab/vm/vm_.vmdk"],
  ["with a word for a number", "[ssd] lab/vm/vm_a.vmdk"],
  ["with a number of four digits", "[ssd] lab/vm/vm_1234.vmdk"],
  ["with a number and more", "[ssd] lab/vm/vm_1-000001.vmdk"],
  ["with more before the number", "[ssd] lab/vm/vm_a_1.vmdk"],
])("one %s was not: %s", (_, file) => {
  expect(isOwnElsewhere(file, VMX)).toBe(false);
});

test("a machine at the top of a datastore has none at the top of another", () => {
  expect(isOwnElsewhere("[ssd] vm.vmdk", "[ds] vm.vmx")).toBe(false);
});

test("their folders are each told once, without the machine's own and without whole datastores", () => {
  const files = ["vm.vmdk", "vm-flat.vmdk", "vm_1.vmdk"].map((name) => `[ssd] lab/vm/${name}`);
  expect(
    foldersElsewhere([...files, "[ds] lab/vm/vm.vmdk", "[ssd] vm.vmdk", "[nas] vm/vm.vmdk"], VMX),
  ).toEqual([
    { datastore: "ssd", path: "lab/vm" },
    { datastore: "nas", path: "vm" },
  ]);
  expect(foldersElsewhere([], VMX)).toEqual([]);
});

import { expect, test } from "vitest";
import {
  CLAIM,
  claimsEnvironmentIso,
  type EnvironmentIso,
  environmentFiles,
  environmentIsoOf,
  isEnvironmentOf,
  remembering,
} from "../../../../provider/host/ovf-environment/iso-files.ts";

const ISO: EnvironmentIso = {
  file: "pulumi-esxi-direct-ovf-env-a.iso",
  sha256: "ab",
  size: 1,
  modified: "now",
};
const vmxPath = "[datastore1] vm/vm.vmx";
const having = (settings: Readonly<Record<string, string>>) => ({
  vmxPath,
  extraConfig: new Map(Object.entries(settings)),
});
const text = (iso: object) => having(remembering(iso as EnvironmentIso));

test("a machine's setting says which image it has, and that such files are its own", () => {
  expect(environmentIsoOf(text(ISO))).toEqual(ISO);
  expect(environmentFiles(text(ISO))).toEqual([
    "[datastore1] vm/pulumi-esxi-direct-ovf-env-a.iso",
    "[datastore1] vm/pulumi-esxi-direct-ovf-env-b.iso",
  ]);
  expect(environmentFiles(having(CLAIM))).toHaveLength(2);
});

test("a machine without it has none of its own", () => {
  expect([claimsEnvironmentIso(having({})), claimsEnvironmentIso(having(CLAIM))]).toEqual([false, true]);
  expect(environmentFiles(having({}))).toEqual([]);
  expect(environmentIsoOf(having({}))).toBeUndefined();
});

test.each([
  ["nothing", {}],
  ["a file of another name", { ...ISO, file: "../../other/vm.iso" }],
  ["no digest", { ...ISO, sha256: 1 }],
  ["no size", { ...ISO, size: "1" }],
  ["no time", { ...ISO, modified: undefined }],
  ["no record", null as unknown as object],
  ["a text", "iso" as unknown as object],
])("a setting that holds %s names no image", (_, iso) => {
  expect(environmentIsoOf(text(iso))).toBeUndefined();
  expect(
    environmentIsoOf(having({ ...CLAIM, "pulumi-esxi-direct.ovf-environment": "{ half" })),
  ).toBeUndefined();
});

test.each([
  ["[datastore1] vm/pulumi-esxi-direct-ovf-env-b.iso", true],
  ["[datastore1] other/pulumi-esxi-direct-ovf-env-b.iso", false],
  ["[datastore1] vm/linux.iso", false],
])("whether %s is the machine's environment: %s", (file, is) => {
  expect(isEnvironmentOf({ datastore: "datastore1", path: "vm/vm.vmx" }, file)).toBe(is);
});

import { expect, test } from "vitest";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { guestKeys } from "../../../../../provider/resources/vm/settings/guest.ts";
import { offlineCheck } from "../../offline-check.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const check = (settings: Record<string, unknown>) => offlineCheck(scratchVm, settings);

test.each([
  ["packages: [nginx]\n", true],
  ["IyBjbG91ZC1jb25maWcKcGFja2FnZXM6IFtuZ2lueF0K", true],
  ["# cloud-config\n", true],
  ["#cloud-config\npackages: [nginx]\n", false],
  ["#!/bin/sh\ntrue\n", false],
  ["## template: jinja\n#cloud-config\n", false],
  ["MIME-Version: 1.0\n", false],
  [UNKNOWN, false],
])("user data %j: a warning is %j, and never a refusal", async (userData, warned) => {
  const { failures, warnings } = await check({ cloudInit: { userData } });
  expect(failures).toEqual([]);
  expect(warnings.map((text) => text.split(":")[0])).toEqual(warned ? ["cloudInit.userData"] : []);
});

test("user data that is a value is written as what cloud-init reads", () => {
  const keys = guestKeys({ cloudInit: { userData: { packages: ["nginx"] } } });
  const written = Buffer.from(keys["guestinfo.userdata"] ?? "", "base64").toString();
  expect(written).toBe('#cloud-config\n{"packages":["nginx"]}');
});

test.each([
  [{ ethernets: { eth0: { dhcp4: true } } }, false],
  ["ethernets:\n  eth0:\n    dhcp4: true\n", false],
  ["# version of today\nethernets: {}\n", false],
  [{ version: 2, ethernets: {} }, true],
  [{ network: { version: 1, config: [] } }, true],
  ["network:\n  version: 2\n", true],
  ['{"version":2}', true],
  [UNKNOWN, true],
])("the network configuration %j has its version: %j", async (networkConfig, fine) => {
  const { failures } = await check({ cloudInit: { networkConfig } });
  expect(failures.map((text) => text.split(":")[0])).toEqual(fine ? [] : ["cloudInit.networkConfig"]);
});

test("a key of the guest that is said twice is refused, in any case of its letters", async () => {
  const { failures } = await check({
    guestInfo: { role: "a", Role: "b", colour: "c" },
    extraConfig: { "guestinfo.COLOUR": "d", "guestinfo.other": "e" },
  });
  expect(failures).toEqual([
    "guestInfo.Role: is the same key as guestInfo.role: hosts ignore case in keys. Use one of the two",
    "extraConfig.guestinfo.COLOUR: is the same key as guestInfo.colour: hosts ignore case in keys. Use one of the two",
  ]);
});

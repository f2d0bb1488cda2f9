import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { Lab } from "../lab.ts";
import { Managed } from "../managed.ts";
import { type Previewed, previewed } from "./previewed.ts";
import { placeStrangers } from "./strangers.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await placeStrangers(lab);
  const snapshot = new Managed(lab, "VmSnapshot", vmSnapshot, "theirs");
  await snapshot.create({ vm: "theirs", name: "clean", description: "as installed" });
  await lab.write("larger.iso", "an image of another size");
});

// Each test is a run of its own.
beforeEach(() => lab.restart());
afterAll(() => lab.close());

interface Case {
  readonly kind: Previewed["kind"];
  readonly alike: Previewed["args"];
  readonly differing: Previewed["args"];
  readonly says: string;
}

const CASES: readonly Case[] = [
  {
    kind: "PortGroup",
    alike: { name: "their-net", virtualSwitch: "vSwitch0" },
    differing: { vlanId: 7 },
    says: 'has the port group "their-net", but it is not what the program says, so it was neither adopted nor changed: vlanId 0 → 7',
  },
  {
    kind: "VirtualSwitch",
    alike: { name: "their-switch" },
    differing: { mtu: 9000 },
    says: "mtu 1500 → 9000 (on the host → in the program)",
  },
  {
    kind: "ResourcePool",
    alike: { name: "their-pool" },
    differing: { cpuLimit: 500, memoryLimit: UNKNOWN },
    says: "nor changed: cpuLimit -1 → 500 (on the host",
  },
  {
    kind: "DatastoreFile",
    alike: { path: "iso/core-5.4.iso", source: "core.iso" },
    differing: { source: "larger.iso" },
    says: "size 8 → 24",
  },
  {
    kind: "DatastoreFolder",
    alike: { path: "data" },
    differing: { path: "iso/core-5.4.iso" },
    says: "[datastore1] iso/core-5.4.iso on esxi1 is a file, which is left alone. Give this folder another `path`.",
  },
  {
    kind: "VmSnapshot",
    alike: { vm: "theirs", name: "clean", description: "as installed" },
    differing: { description: "mine" },
    says: 'has the snapshot "clean" of "theirs", but it is not what the program says',
  },
];

describe.for(CASES)("a preview of a $kind that is to be adopted", ({ kind, alike, differing, says }) => {
  test("says nothing if it is what the program says, as far as that is known", async () => {
    const known = { kind, args: { ...alike, adopt: true } };
    expect(await previewed(lab, known)).toEqual({ failures: [], warnings: [] });
    for (const key of Object.keys(alike).filter((one) => one !== "name" && one !== "path")) {
      const args = { ...alike, adopt: true, [key]: UNKNOWN };
      expect(await previewed(lab, { kind, args })).toEqual({ failures: [], warnings: [] });
    }
  });

  test("says in what it differs, and nothing once it is in state", async () => {
    const args = { ...alike, ...differing, adopt: true };
    const { failures } = await previewed(lab, { kind, args });
    expect(failures).toEqual([expect.stringMatching(/^adopt: /)]);
    expect(failures[0]).toContain(says);
    await lab.restart();
    const before = { ...alike, adopt: true };
    const there = { ...args, ...(alike.path !== undefined && { path: alike.path }) };
    expect((await previewed(lab, { kind, args: there, before })).failures).toEqual([]);
  });

  test("asks no host with esxi:checkHost: false", async () => {
    await lab.host.close();
    const calls = lab.raw.count();
    const args = { ...alike, ...differing, adopt: true };
    expect(await previewed(lab, { kind, args }, { checkHost: false })).toEqual({
      failures: [],
      warnings: [],
    });
    expect(lab.raw.count()).toBe(calls);
  });
});

test("a file in the place of a folder is refused, whether it is to be adopted or not", async () => {
  for (const adopt of [true, undefined]) {
    await lab.restart();
    const args = { path: "data", source: "core.iso", adopt };
    expect((await previewed(lab, { kind: "DatastoreFile", args })).failures).toEqual([
      expect.stringContaining("[datastore1] data on esxi1 is a folder, which is left alone."),
    ]);
  }
});

test("the host is asked four times at most for twenty things to adopt that it does not have", async () => {
  const before = lab.raw.count();
  for (let index = 0; index < 20; index++) {
    const args = { name: `new-${index}`, virtualSwitch: "vSwitch0", adopt: true };
    expect((await previewed(lab, { kind: "PortGroup", args })).failures).toEqual([]);
  }
  expect(lab.raw.count() - before).toBeLessThanOrEqual(4);
});

test("a machine that is to be adopted asks no host with esxi:checkHost: false", async () => {
  const calls = lab.raw.count();
  const news = { name: "gone", adopt: { name: "gone" } };
  const check = (checkHost: boolean) => scratchVm.check({}, news, { ...lab.context(), checkHost });
  expect((await check(false)).failures).toEqual([]);
  expect(lab.raw.count()).toBe(calls);
  expect((await check(true)).failures).toEqual([expect.objectContaining({ property: "adopt" })]);
});

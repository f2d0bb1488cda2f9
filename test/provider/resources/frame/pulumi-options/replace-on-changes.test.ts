import { expect, test } from "vitest";
import { UNKNOWN } from "../../../../../provider/resources/inputs/check-inputs.ts";
import { diffVm } from "../../../../../provider/resources/vm/life/vm-diff.ts";

const OLDS = {
  memory: 1024,
  annotation: "old",
  powerOn: true,
  extraConfig: { "guestinfo.a": "1", "guestinfo.b": "1" },
  networkInterfaces: [{ network: "one", connected: true }],
  powerState: "poweredOff",
};

/** What a change replaces, with the option as given. */
function replacesWith(option: readonly string[], change: Readonly<Record<string, unknown>>) {
  const told: string[] = [];
  const note = (text: string) => told.push(text);
  const progress = { status: note, info: note, warn: note };
  const { replaces, changes } = diffVm(
    OLDS,
    { ...OLDS, ...change, __replaceOnChanges: option },
    { progress },
  );
  return { replaces, changes, told };
}

test("a property that the option names replaces the machine, and the row says so", () => {
  expect(replacesWith(["memory"], { memory: 2048 })).toEqual({
    replaces: ["memory"],
    changes: true,
    told: ["replace, its disks included: memory 1024 → 2048"],
  });
});

test("another property changes in place as before", () => {
  expect(replacesWith(["memory"], { annotation: "new" })).toMatchObject({ replaces: [], changes: true });
});

test("the star stands for every setting that the host has, and not for what only the program looks at", () => {
  expect(replacesWith(["*"], { annotation: "new" }).replaces).toEqual(["annotation"]);
  expect(replacesWith(["*"], { timeouts: { createSeconds: 5 } })).toMatchObject({
    replaces: [],
    changes: true,
  });
  expect(replacesWith(["timeouts"], { timeouts: { createSeconds: 5 } }).replaces).toEqual(["timeouts"]);
});

test("a path within a setting counts only what lies there", () => {
  const other = { networkInterfaces: [{ network: "two", connected: true }] };
  const unplugged = { networkInterfaces: [{ network: "one", connected: false }] };
  for (const path of [
    "networkInterfaces[0].network",
    "networkInterfaces[*].network",
    'networkInterfaces[0]["network"]',
  ]) {
    expect(replacesWith([path], other).replaces, path).toEqual(["networkInterfaces"]);
    expect(replacesWith([path], unplugged).replaces, path).toEqual([]);
  }
  const key = ['extraConfig["guestinfo.a"]'];
  expect(replacesWith(key, { extraConfig: { "guestinfo.a": "2", "guestinfo.b": "1" } }).replaces).toEqual([
    "extraConfig",
  ]);
  expect(replacesWith(key, { extraConfig: { "guestinfo.a": "1", "guestinfo.b": "2" } }).replaces).toEqual([]);
});

test("one of several paths is enough, and one of several parts", () => {
  expect(replacesWith(["annotation", "memory"], { memory: 2048 }).replaces).toEqual(["memory"]);
  const added = [...OLDS.networkInterfaces, { network: "two", connected: true }];
  for (const path of ["networkInterfaces", "networkInterfaces[*]", "networkInterfaces[*].network"])
    expect(replacesWith([path], { networkInterfaces: added }).replaces, path).toEqual(["networkInterfaces"]);
});

test("a value that a preview does not know yet counts as a change", () => {
  expect(replacesWith(["memory"], { memory: UNKNOWN }).replaces).toEqual(["memory"]);
  expect(replacesWith(["disks[*].size"], { disks: UNKNOWN }).replaces).toEqual(["disks"]);
});

test("a part of a setting that has none, or is not there, does not change", () => {
  expect(replacesWith(["memory.part"], { memory: 2048 }).replaces).toEqual([]);
  expect(replacesWith(["guest.hostname"], { guest: { password: "new" } }).replaces).toEqual([]);
});

test("nothing is replaced where nothing changes", () => {
  expect(replacesWith(["*"], {})).toEqual({ replaces: [], changes: false, told: [] });
});

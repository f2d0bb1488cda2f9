import { expect, test } from "vitest";
import { diffVm } from "../../../provider/resources/vm/life/vm-diff.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Outputs of a VM that runs. */
const RUNNING = {
  name: "vm",
  host: "lab-1",
  datastore: "datastore1",
  resourcePool: "students",
  ovaDigest: "d1",
  deploymentOption: "small",
  ovfNetworkMap: { inside: "lab-net" },
  numCpus: 2,
  numCoresPerSocket: 1,
  memory: 1024,
  annotation: "notes",
  extraConfig: { "guestinfo.a": "1", "guestinfo.b": "2" },
  properties: { hostname: "vm", password: "hidden" },
  powerOn: true,
  powerState: "poweredOn",
  allowPowerCycle: true,
  waitFor: { ip: true },
  __phase: "done",
};

/** Inputs that ask for just what is there. */
const { powerState: _, __phase: __, ...SAME } = RUNNING;

type Bag = Readonly<Record<string, unknown>>;

function diff(news: Bag, olds: Bag = RUNNING, isRefresh = false) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const result = diffVm(
    olds,
    news,
    { progress: { status: say, info: say, warn: say }, isRefresh },
    {
      ovaDigest: { cost: "replace", told: "name" },
      ovfNetworkMap: { cost: "inPlace", told: "keys" },
      deploymentOption: { cost: "replace", told: "name", hasDefault: true },
      properties: { cost: "inPlace", told: "keys" },
      acceptAllEulas: { cost: "ours", told: "name" },
      allowExtraConfig: { cost: "ours", told: "name" },
    },
  );
  return { ...result, said };
}

const { powerOn, name } = SAME;

test("the same program twice changes nothing and says nothing", () => {
  expect(diff(SAME)).toEqual({ changes: false, replaces: [], deleteBeforeReplace: true, said: [] });
});

test.each([
  ["ovaDigest", { ovaDigest: "d2" }],
  ["host", { host: "lab-2", allowReplace: true }],
  ["host", { host: undefined, allowReplace: true }],
  ["host", { host: UNKNOWN }],
  ["deploymentOption", { deploymentOption: "large" }],
  ["deploymentOption", { deploymentOption: undefined }],
  ["ovaDigest", { ovaDigest: UNKNOWN }],
])("another %s replaces the VM: %j", (key, change) => {
  const { changes, replaces, deleteBeforeReplace, said } = diff({ ...SAME, ...change });
  expect({ changes, replaces, deleteBeforeReplace }).toEqual({
    changes: true,
    replaces: [key],
    deleteBeforeReplace: true,
  });
  expect(said).toEqual([expect.stringMatching(new RegExp(`^replace, its disks included: ${key}`))]);
});

test.each([
  [{ datastore: "datastore2" }, 'move to datastore "datastore2" from "datastore1"'],
  [{ datastore: UNKNOWN }, 'move to another datastore from "datastore1"'],
])("another datastore moves the VM: %j", (change, told) => {
  expect(diff({ ...SAME, ...change })).toMatchObject({
    changes: true,
    replaces: [],
    said: [`${told} (one power cycle)`],
  });
  const off = { ...RUNNING, powerOn: false, powerState: "poweredOff" };
  expect(diff({ ...SAME, powerOn: false, ...change }, off).said).toEqual([`${told} (powered off)`]);
});

test("a replacement that comes with another place is refused unless the program allows or asks for it", () => {
  for (const change of [{ host: "lab-2" }, { host: undefined }, { datastore: "ssd", ovaDigest: "d2" }]) {
    expect(() => diff({ ...SAME, ...change })).toThrow(/cannot be moved .* set allowReplace: true/);
    expect(diff({ ...SAME, ...change, allowReplace: true }).replaces).toHaveLength(1);
  }
  const asked = { ...SAME, datastore: "ssd", __replaceOnChanges: ["datastore"] };
  expect(diff(asked).replaces).toEqual(["datastore"]);
});

test("a refresh tells what was changed on the host, and not what an update would do about it", () => {
  const renamed = { ...RUNNING, name: "somebody-elses", memory: 512 };
  expect(diff(SAME, renamed, true).said).toEqual([
    "changed on the host: memory 1024 → 512, name vm → somebody-elses",
  ]);
  expect(diff(SAME, RUNNING, true).said).toEqual([]);
});

test.each([
  ["numCpus", 4, "numCpus 2 → 4"],
  ["memory", 2048, "memory 1024 → 2048"],
  ["memory", UNKNOWN, "memory"],
])("more %s may need a power cycle while the VM runs, and none while it is off", (key, value, told) => {
  expect(diff({ ...SAME, [key]: value })).toMatchObject({
    changes: true,
    replaces: [],
    said: [`update with one power cycle, unless the VM allows hot-add: ${told}`],
  });
  const off = { ...RUNNING, powerOn: false, powerState: "poweredOff" };
  expect(diff({ ...SAME, powerOn: false, [key]: value }, off)).toMatchObject({
    changes: true,
    replaces: [],
    said: [`update in place: ${told}`],
  });
});

test.each([
  [{ numCpus: 1 }, "numCpus 2 → 1"],
  [{ numCoresPerSocket: 2 }, "numCoresPerSocket 1 → 2"],
  [{ numCoresPerSocket: 2, numCpus: 4 }, "numCpus 2 → 4, numCoresPerSocket 1 → 2"],
  [{ memory: 512 }, "memory 1024 → 512"],
  [{ cpuHotAddEnabled: true }, "cpuHotAddEnabled unset → true"],
  [{ firmware: "efi" }, "firmware unset → efi"],
  [{ videoMemory: 16 }, "videoMemory unset → 16"],
])("%j needs a power cycle whatever the VM allows", (change, told) => {
  expect(diff({ ...SAME, ...change })).toMatchObject({
    changes: true,
    replaces: [],
    said: [`update with one power cycle: ${told}`],
  });
});

test("a size that grows on a VM known to allow it needs no power cycle, and one known not to needs one", () => {
  const [hot, cold] = [true, false].map((memoryHotAddEnabled) => {
    const change = { memoryHotAddEnabled, memory: 2048 };
    return diff({ ...SAME, ...change }, { ...RUNNING, memoryHotAddEnabled }).said;
  });
  expect(hot).toEqual(["update in place: memory 1024 → 2048"]);
  expect(cold).toEqual(["update with one power cycle: memory 1024 → 2048"]);
});

test("virtual hardware becomes newer with a power cycle, and older only with a new VM", () => {
  const olds = { ...RUNNING, hardwareVersion: 19 };
  expect(diff({ ...SAME, hardwareVersion: 21 }, olds)).toMatchObject({
    replaces: [],
    said: ["update with one power cycle: hardwareVersion 19 → 21"],
  });
  expect(diff({ ...SAME, hardwareVersion: 17 }, olds)).toMatchObject({
    replaces: ["hardwareVersion"],
    said: ["replace, its disks included: hardwareVersion 19 → 17"],
  });
});

test.each([
  [{ name: "other" }, "name vm → other"],
  [{ cpuLimit: 2000 }, "cpuLimit unset → 2000"],
  [{ memoryShareLevel: "high" }, "memoryShareLevel unset → high"],
  [{ bootOrder: ["cdrom", "disk"] }, "bootOrder unset → cdrom,disk"],
  [{ annotation: "new" }, "annotation"],
  [{ powerOn: false }, "powerOn true → false"],
  [{ extraConfig: { "guestinfo.a": "1", "guestinfo.b": "3" } }, "extraConfig (guestinfo.b)"],
  [{ extraConfig: { "guestinfo.a": "1" } }, "extraConfig (guestinfo.b)"],
  [{ extraConfig: undefined }, "extraConfig (guestinfo.a, guestinfo.b)"],
  [{ properties: { hostname: "vm", password: "other" } }, "properties (password)"],
  [{ properties: undefined }, "properties (hostname, password)"],
  [{ properties: UNKNOWN }, "properties"],
])("%j changes in place", (change, told) => {
  expect(diff({ ...SAME, ...change })).toMatchObject({
    changes: true,
    replaces: [],
    said: [`update in place: ${told}`],
  });
});

test("no message holds a property's or an advanced setting's value", () => {
  const { said } = diff({
    ...SAME,
    properties: { hostname: "vm", password: "s3cret" },
    extraConfig: { "guestinfo.a": "s3cret" },
    annotation: "s3cret",
  });
  expect(said.join()).not.toMatch(/s3cret|hidden/);
});

test.each([
  { waitFor: { tools: true } },
  { timeouts: { createSeconds: 5 } },
  { allowPowerCycle: false },
  { acceptAllEulas: true },
  { allowExtraConfig: true },
])("%j updates the resource without a word about the VM", (change) => {
  expect(diff({ ...SAME, ...change })).toMatchObject({ changes: true, replaces: [], said: [] });
});

test("settings that are not asked for are left as they are", () => {
  const least = { name, powerOn, host: "lab-1", resourcePool: "students", deploymentOption: "small" };
  const kept = {
    ovfNetworkMap: SAME.ovfNetworkMap,
    extraConfig: SAME.extraConfig,
    properties: SAME.properties,
  };
  expect(diff({ ...least, ...kept, ovaDigest: "d1" })).toMatchObject({ changes: false, said: [] });
});

test("a key with an empty text is one that is not there", () => {
  const news = { ...SAME, extraConfig: { ...SAME.extraConfig, "guestinfo.c": "" } };
  expect(diff(news)).toMatchObject({ changes: false });
  expect(diff({ ...SAME, extraConfig: {} }, { ...RUNNING, extraConfig: {} })).toMatchObject({
    changes: false,
  });
});

test("an order of keys is no difference", () => {
  const extraConfig = { "guestinfo.b": "2", "guestinfo.a": "1" };
  expect(diff({ ...SAME, extraConfig })).toMatchObject({ changes: false });
});

test("what an earlier run did not finish asks for an update", () => {
  const unfinished = { ...RUNNING, __phase: "unfinished" };
  expect(diff(SAME, unfinished)).toMatchObject({
    changes: true,
    replaces: [],
    said: ["go on with what an earlier run did not finish"],
  });
  expect(diff({ ...SAME, ovaDigest: "d2" }, unfinished)).toMatchObject({
    changes: true,
    replaces: ["ovaDigest"],
  });
});

test("a VM that somebody powered off is to be powered on again", () => {
  const off = { ...RUNNING, powerOn: false, powerState: "poweredOff" };
  expect(diff(SAME, off)).toMatchObject({
    changes: true,
    said: ["update in place: powerOn false → true"],
  });
});

test("disks with labels may stand in any order", () => {
  const [system, data] = [
    { label: "system", size: 1 },
    { label: "data", size: 2 },
  ];
  const olds = { ...RUNNING, disks: [system, data] };
  expect(diff({ ...SAME, disks: [data, system] }, olds)).toMatchObject({ changes: false, said: [] });
  expect(diff({ ...SAME, disks: [{ ...data, size: 3 }, system] }, olds).said).toEqual([
    'update in place: disks["data"].size 2 → 3',
  ]);
});

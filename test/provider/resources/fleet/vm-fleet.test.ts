import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, test } from "vitest";
import {
  DatastoreClone,
  type FleetPlace,
  OvaDeployment,
  TextFile,
  VmFleet,
  type VmFleetArgs,
} from "../../../../provider/index.ts";
import { placeId } from "../../../../provider/resources/fleet/placement/place-id.ts";
import { mockEngine } from "../../../support/mock-engine.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** What a placement of these tests is told. */
interface Fleet {
  readonly keys: readonly string[];
  readonly places: readonly {
    readonly host?: string;
    readonly datastore?: string;
    readonly weight?: number;
  }[];
}

/** Places keys one after the other, as often as a place's weight. */
function goRound({ keys, places }: Fleet): string {
  const round = places.flatMap((place) => Array.from({ length: place.weight ?? 1 }, () => placeId(place)));
  const pairs = keys.map((key, index) => [key, round[index % round.length] ?? ""] as const);
  return JSON.stringify(
    Object.fromEntries(round.map((id) => [id, pairs.filter(([, at]) => at === id).map(([key]) => key)])),
  );
}

let registered: Registered[];

beforeEach(() => {
  registered = [];
});

// Once: a component's outputs are registered after the test that made it.
beforeAll(async () => {
  await mockEngine(({ type, name, inputs }) => {
    registered.push({ type, name, inputs });
    if (type.endsWith(":Placement")) return { id: name, state: { assigned: goRound(inputs as Fleet) } };
    return { id: `uuid of ${name}`, state: { ...inputs, instanceUuid: `uuid of ${name}` } };
  });
  pulumi.runtime.setAllConfig({}, []);
});

/** What a fleet registers, with the settings that matter here. */
async function register(args: VmFleetArgs) {
  const fleet = new VmFleet("student", args);
  await Promise.all(
    [...fleet.vms, ...fleet.bases].map((vm) => new Promise((resolve) => vm.urn.apply(resolve))),
  );
  // Their order depends on which output is known first.
  const short = registered
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ type, inputs: { __provider, __urn, ...inputs }, name }) => ({
      kind: type.split(":").at(-1),
      name,
      inputs,
    }));
  return {
    fleet,
    placements: short.filter(({ kind }) => kind === "Placement"),
    bases: short.filter(({ kind }) => kind === "OvaDeployment"),
    vms: short.filter(({ kind }) => kind === "DatastoreClone"),
  };
}

const ova = { ova: { ovaPath: "tiny.ova" } };

test("a fleet of an OVA is one base that stays off, and linked clones of it", async () => {
  const { bases, vms, fleet } = await register({ source: ova, count: 3, settings: { memory: 256 } });
  expect(bases).toEqual([
    {
      kind: "OvaDeployment",
      name: "student-base",
      inputs: { name: "student-base", ovaPath: "tiny.ova", powerOn: false },
    },
  ]);
  expect(vms.map(({ name }) => name)).toEqual(["student-1", "student-2", "student-3"]);
  expect(vms[1]?.inputs).toEqual({
    name: "student-2",
    source: "uuid of student-base",
    mode: "linked",
    memory: 256,
  });
  expect(fleet.vms).toHaveLength(3);
});

test("machines go round the hosts, each cloned from the base of its own", async () => {
  const { bases, vms } = await register({ source: ova, count: 5, hosts: ["lab1", "lab2"], mode: "full" });
  expect(bases.map(({ name, inputs }) => [name, inputs.host])).toEqual([
    ["student-base-lab1", "lab1"],
    ["student-base-lab2", "lab2"],
  ]);
  expect(vms.map(({ inputs }) => [inputs.host, inputs.source])).toEqual(
    ["lab1", "lab2", "lab1", "lab2", "lab1"].map((host) => [host, `uuid of student-base-${host}`]),
  );
});

test("each place has a base, because which machines come there is decided by the placement", async () => {
  const { bases } = await register({ source: ova, count: 1, hosts: ["lab1", "lab2"] });
  expect(bases.map(({ inputs }) => inputs.host)).toEqual(["lab1", "lab2"]);
});

test("one place without a limit needs no placement, several do, and limits do", async () => {
  const placements = async (places: readonly (string | FleetPlace)[]) => {
    registered = [];
    return (await register({ source: ova, count: 1, places })).placements.map(({ name }) => name);
  };
  expect(await placements(["lab1"])).toEqual([]);
  expect(await placements([{ host: "lab1", weight: 2 }])).toEqual([]);
  expect(await placements([{ host: "lab1", maxMachines: 3 }])).toEqual(["student-placement"]);
  expect(await placements(["lab1", "lab2"])).toEqual(["student-placement"]);
});

test("a fleet by key has a machine for each, with what is its own", async () => {
  const { vms, fleet } = await register({
    source: { vm: "golden" },
    keys: ["alice"],
    machines: { bob: { memory: 4096 }, "carl.m": { name: "carl" } },
    settings: { memory: 1024 },
    settingsOf: (key) => ({ annotation: `of ${key}` }),
  });
  const common = { source: "golden", mode: "linked" };
  expect(vms.map(({ name, inputs }) => [name, inputs])).toEqual([
    ["student-alice", { ...common, name: "student-alice", memory: 1024, annotation: "of alice" }],
    ["student-bob", { ...common, name: "student-bob", memory: 4096, annotation: "of bob" }],
    ["student-carl.m", { ...common, name: "carl", memory: 1024, annotation: "of carl.m" }],
  ]);
  expect(Object.keys(fleet.machines)).toEqual(["alice", "bob", "carl.m"]);
});

test("a placement is told what it needs of each machine, and no more", async () => {
  const { placements, vms } = await register({
    source: { vm: "golden" },
    keys: ["alice"],
    machines: { bob: { memory: 4096, place: "lab2" }, carl: { name: "c" } },
    formerly: { alice: 3 },
    settings: { memory: 1024 },
    places: ["lab1", { host: "lab2", weight: 2, mode: "closed" }],
    placement: { by: "count", keepFree: 20 },
  });
  expect(placements[0]?.inputs).toMatchObject({
    by: "count",
    keepFree: 20,
    keys: ["alice", "bob", "carl"],
    places: [{ host: "lab1" }, { host: "lab2", weight: 2, mode: "closed" }],
    memory: 1024,
    machines: { bob: { memory: 4096, place: "lab2" } },
    namePattern: "student-%s",
    names: { carl: "c" },
    templates: ["student-base-lab1", "student-base-lab2"],
    formerly: { alice: "3" },
  });
  expect(vms.map(({ inputs: { host } }) => host)).toEqual(["lab1", "lab2", "lab2"]);
});

test("a fleet of none makes nothing", async () => {
  const { bases, vms } = await register({ source: ova, count: 0 });
  expect([...bases, ...vms]).toEqual([]);
});

test("each datastore gets a base of its own, and a place that stands there twice gets twice as many", async () => {
  const places = [{ host: "lab1", datastore: "ssd" }, { host: "lab1", datastore: "hdd" }, "lab2", "lab2"];
  const { bases, vms } = await register({
    source: { ova: { ovaPath: "tiny.ova", datastore: "datastore1" } },
    count: 4,
    hosts: places,
  });
  expect(bases.map(({ name, inputs: { host, datastore } }) => [name, host, datastore])).toEqual([
    ["student-base-lab1-hdd", "lab1", "hdd"],
    ["student-base-lab1-ssd", "lab1", "ssd"],
    ["student-base-lab2", "lab2", "datastore1"],
  ]);
  expect(vms.map(({ inputs: { host, datastore, source } }) => [host, datastore, source])).toEqual([
    ["lab1", "ssd", "uuid of student-base-lab1-ssd"],
    ["lab1", "hdd", "uuid of student-base-lab1-hdd"],
    ["lab2", undefined, "uuid of student-base-lab2"],
    ["lab2", undefined, "uuid of student-base-lab2"],
  ]);
});

test("linked clones of a machine that is there get a full clone as base on each datastore that is named", async () => {
  const { vms } = await register({
    source: { vm: "golden" },
    count: 2,
    hosts: [{ datastore: "ssd" }],
    settings: { transport: "api" },
  });
  expect(vms.map(({ name, inputs: { source, mode, powerOn } }) => [name, source, mode, powerOn])).toEqual([
    ["student-1", "uuid of student-base-ssd", "linked", undefined],
    ["student-2", "uuid of student-base-ssd", "linked", undefined],
    ["student-base-ssd", "golden", undefined, false],
  ]);
});

test("full clones of a machine that is there need no base on any datastore", async () => {
  const { bases, vms } = await register({
    source: { vm: "golden" },
    count: 1,
    mode: "full",
    hosts: [{ datastore: "ssd" }],
  });
  expect(bases).toEqual([]);
  expect(vms.map(({ inputs }) => inputs)).toMatchObject([
    { source: "golden", mode: "full", datastore: "ssd" },
  ]);
});

test("a machine that several hosts have by the same name is cloned on each", async () => {
  const { vms, bases } = await register({ source: { vm: "golden" }, count: 2, hosts: ["lab1", "lab2"] });
  expect(bases).toEqual([]);
  expect(vms.map(({ inputs: { host, source } }) => [host, source])).toEqual([
    ["lab1", "golden"],
    ["lab2", "golden"],
  ]);
});

test("a resource cannot be cloned on several hosts, since it is on one", () => {
  const golden = new OvaDeployment("golden", { ovaPath: "tiny.ova" });
  expect(() => new VmFleet("student", { source: { vm: golden }, count: 2, hosts: ["a", "b"] })).toThrow(
    /all places must be on that host/,
  );
});

test("each machine can have a name and settings of its own", async () => {
  const { vms } = await register({
    source: { vm: "golden" },
    count: 2,
    namePattern: (index) => `vm ${"ab"[index]}`,
    settings: { memory: 256, numCpus: 1 },
    settingsOf: (index) => ({
      memory: 256 * (index + 2),
      extraConfig: { "guestinfo.number": String(index) },
    }),
  });
  expect(vms.map(({ inputs }) => inputs)).toEqual([
    {
      name: "vm a",
      source: "golden",
      mode: "linked",
      memory: 512,
      numCpus: 1,
      extraConfig: { "guestinfo.number": "0" },
    },
    {
      name: "vm b",
      source: "golden",
      mode: "linked",
      memory: 768,
      numCpus: 1,
      extraConfig: { "guestinfo.number": "1" },
    },
  ]);
});

test("a machine can be cloned from a clone", async () => {
  const middle = new DatastoreClone("middle", { source: "golden", powerOn: false });
  const { vms } = await register({ source: { vm: middle }, count: 1 });
  expect(vms.at(-1)?.inputs.source).toBe("uuid of middle");
});

test.each([
  ["a count that is none", { source: ova, count: 1.5 }, /count must be a whole number/],
  [
    "names that are not distinct",
    { source: ova, count: 2, namePattern: "same" },
    /two machines would be named "same"/,
  ],
  ["a key that is there twice", { source: ova, keys: ["a"], machines: { a: {} } }, /"a" is named twice/],
  ["an empty key", { source: ova, keys: [""] }, /a key is empty/],
  ["names of keys that are not distinct", { source: ova, keys: ["a", "b"], namePattern: "x" }, /Put %s into/],
  ["a former key of nobody", { source: ova, keys: ["a"], formerly: { b: 1 } }, /formerly names "b"/],
  [
    "a count beside keys",
    { source: ova, count: 2, keys: ["a"] },
    /count and keys both say which machines the fleet has/,
  ],
  ["nobody", { source: ova }, /has neither a count nor keys. Give a count, or keys/],
  [
    "a count as a text",
    { source: ova, count: "3" },
    /count must be a number, not a text: write it without quotes/,
  ],
  [
    "keys in one text",
    { source: ova, keys: "alice,bob" },
    /keys must be a list such as \["alice", "bob"\], not a text/,
  ],
  [
    "people in place of keys",
    { source: ova, people: ["a"] },
    /people: there is no such setting; did you mean keys\?/,
  ],
  ["num_instances", { source: ova, num_instances: 2 }, /did you mean count\?/],
  [
    "an OVA beside source",
    { ova: "a.ova", count: 1 },
    /ova: there is no such setting; did you mean source: { ova }\?/,
  ],
  ["memory beside settings", { source: ova, count: 1, memory: 1 }, /belong in settings: { memory: … }/],
  [
    "a name of all",
    { source: ova, count: 1, settings: { name: "a" } },
    /settings.name: the fleet decides this.*namePattern/,
  ],
  [
    "an OVA's path alone",
    { source: { ova: "a.ova" }, count: 1 },
    /source.ova must be an object such as { ovaPath:/,
  ],
  ["a source's name alone", { source: "golden", count: 1 }, /made from: .* or { vm: "golden" }\./],
  ["one host as a text", { source: ova, count: 1, places: "lab1" }, /places must be a list such as \["lab1"/],
  [
    "no name of a machine",
    { source: ova, count: 1, namePattern: () => undefined },
    /namePattern must give a name/,
  ],
  [
    "no settings of a machine",
    { source: ova, count: 1, settingsOf: () => 5 },
    /settingsOf must give an object/,
  ],
  ["places beside hosts", { source: ova, count: 1, places: ["a"], hosts: ["a"] }, /Give one of them/],
] as const)("%s is refused", (_, args: object, message) => {
  expect(() => new VmFleet("student", args as VmFleetArgs)).toThrow(message);
});

/** What of the guest reaches the provider, secrets unwrapped. */
const guestOf = (name: string): unknown => {
  const guest = registered.find((each) => each.name === name)?.inputs.guest;
  const { value } = (guest ?? {}) as { value?: unknown };
  return value ?? guest;
};

test.each<[string, (guest: object) => object]>([
  ["known", (guest) => guest],
  ["known later", (guest) => Promise.resolve(guest)],
])("who a guest is, %s, is said of all machines and of each, part by part", async (_, given) => {
  const fleet = new VmFleet("desk", {
    source: { vm: "golden" },
    keys: ["alice"],
    machines: { bob: { guest: { packages: ["git"] } }, carl: { guest: given({ hostname: "c" }) } },
    settings: { guest: given({ timezone: "Europe/Paris", packages: ["nginx"] }) },
    settingsOf: (key) => (key === "carl" ? {} : { guest: { hostname: key } }),
  });
  await Promise.all(fleet.vms.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
  expect(guestOf("desk-alice")).toEqual({ timezone: "Europe/Paris", packages: ["nginx"], hostname: "alice" });
  expect(guestOf("desk-bob")).toEqual({ timezone: "Europe/Paris", packages: ["git"], hostname: "bob" });
  expect(guestOf("desk-carl")).toEqual({ timezone: "Europe/Paris", packages: ["nginx"], hostname: "c" });
});

test("a counted fleet's machines can each have a name of their own in the guest", async () => {
  const fleet = new VmFleet("pc", {
    source: { vm: "golden" },
    count: 2,
    settings: { guest: { locale: "fr_FR.UTF-8" } },
    settingsOf: (index) => ({ guest: { hostname: `pc${index + 1}` } }),
  });
  await Promise.all(fleet.vms.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
  expect(guestOf("pc-2")).toEqual({ locale: "fr_FR.UTF-8", hostname: "pc2" });
});

test("what a fleet depends on is there before anything of it", async () => {
  let write = (_content: string) => {};
  const content = new Promise<string>((resolve) => {
    write = resolve;
  });
  const file = new TextFile("dhcp", { path: "dhcp", content });
  const source = { ova: { ovaPath: "a.ova" } };
  const fleet = new VmFleet("late", { source, keys: ["a"] }, { dependsOn: [file] });
  const other = new VmFleet("other", { source, keys: ["a"] });
  const isMade = ({ vms }: VmFleet) => Promise.all(vms.map((vm) => new Promise((made) => vm.id.apply(made))));
  await isMade(other);
  expect(registered.map(({ name }) => name)).not.toContain("late-base");
  write("content");
  await isMade(fleet);
  const names = registered.map(({ name }) => name);
  expect(names.slice(names.indexOf("dhcp"))).toEqual(["dhcp", "late", "late-base", "late-a"]);
});

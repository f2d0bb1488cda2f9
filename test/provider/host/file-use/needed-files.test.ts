/** The rule for every file that is to go: nobody but its owner needs it. One host, at which nothing is changed. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ageClock } from "../../../../provider/clock.ts";
import { rememberGiven } from "../../../../provider/host/file-use/given-files.ts";
import {
  expectUses,
  type FilesToChange,
  refuseWhileNeeded,
} from "../../../../provider/host/file-use/needed-files.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { diskWith } from "./machines.ts";

const GOLDEN = "[datastore1] golden/golden.vmdk";
const USED = "[datastore1] user/user.vmdk";
const FROZEN = "[datastore1] shelf/frozen.vmdk";

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
  await stranger.vm("golden");
  await stranger.vm("clone", [{ on: GOLDEN }]);
  await stranger.vm("clone2", [{ on: GOLDEN }]);
  await stranger.vm("user");
  await stranger.vm("shelf");
  await stranger.copyDisk("[datastore1] shelf/shelf.vmdk", FROZEN);
  for (const name of ["keeper", "keeper2"]) {
    await stranger.vm(name, ["new", { attach: FROZEN }]);
    await stranger.snapshot(name);
    await stranger.detach(name, stranger.diskPaths(name)[1] ?? "");
  }
});

afterAll(() => lab.close());

const owner = (name: string) => ({ moid: lab.raw.vm(name).moid, name });

/** The error's text; undefined if the change may go on. */
const refused = (change: Partial<FilesToChange>): Promise<string | undefined> =>
  refuseWhileNeeded(lab.host, { doing: "delete it", ...change }).then(
    () => undefined,
    (error: Error) => error.message,
  );

describe("a file that nobody needs may go", () => {
  test.each<[string, Partial<FilesToChange>]>([
    ["no file at all", { files: [] }],
    ["a file that no machine has", { files: ["[datastore1] data/other.vmdk"] }],
    ["a folder without a machine's file", { place: { datastore: "datastore1", path: "data" } }],
    ["a folder of another datastore", { place: { datastore: "datastore2", path: "user" } }],
  ])("%s", async (_, change) => {
    expect(await refused(change)).toBeUndefined();
  });

  test("that of its owner alone", async () => {
    expect(await refused({ files: [USED], owner: owner("user") })).toBeUndefined();
    expect(
      await refused({ place: { datastore: "datastore1", path: "user" }, owner: owner("user") }),
    ).toBeUndefined();
  });

  test("that of which its users do not count", async () => {
    const asked: unknown[] = [];
    const counts: FilesToChange["counts"] = ({ name, as }, file) => asked.push([name, as, file]) < 0;
    expect(await refused({ files: [USED], counts })).toBeUndefined();
    expect(asked).toContainEqual(["user", "device", USED]);
    const place = { datastore: "datastore1", path: "user" };
    expect(await refused({ place, counts })).toBeUndefined();
    expect(asked).toContainEqual(["user", "device", "[datastore1] user"]);
  });
});

describe("a file that somebody needs stays", () => {
  test("in a device: the error names the machine, the file and what to do", async () => {
    expect(await refused({ files: [USED], owner: owner("golden") })).toBe(
      `esxi1: "user" uses ${USED}, so it is not possible to delete it. Nothing was changed. ` +
        "Take it out of the machine's devices first, or delete the machine.",
    );
  });

  test("also in another spelling, and as the file with a disk's bytes", async () => {
    for (const file of ["[datastore1]user//user.vmdk", "[datastore1] user/user-flat.vmdk"]) {
      expect(await refused({ files: ["[datastore1] a.vmdk", file] })).toContain(`"user" uses ${file}, so`);
    }
  });

  test("as a disk that others build on", async () => {
    expect(await refused({ files: [GOLDEN], owner: owner("golden") })).toBe(
      'esxi1: the disks of "clone", "clone2" build on those of "golden" (linked clones), so it is not possible to ' +
        "delete it: that would destroy them. Nothing was changed. Delete those first, or make them full clones.",
    );
  });

  test("in snapshots, wherever it lies", async () => {
    expect(await refused({ files: [FROZEN] })).toBe(
      `esxi1: "keeper", "keeper2" need ${FROZEN} for snapshots, so it is not possible to delete it. Nothing was changed. ` +
        "Remove those snapshots first.",
    );
  });

  test("with its folder", async () => {
    expect(await refused({ place: { datastore: "datastore1", path: "shelf" } })).toBe(
      'esxi1: "shelf" uses [datastore1] shelf, and "keeper", "keeper2" need [datastore1] shelf for snapshots, so it is ' +
        "not possible to delete it. Nothing was changed. Take it out of the machine's devices first, or delete the " +
        "machine. Remove those snapshots first.",
    );
  });

  test("for each reason once: who builds on it does not use it too", async () => {
    expect(await refused({ files: [GOLDEN, USED, FROZEN, FROZEN] })).toBe(
      `esxi1: the disks of "clone", "clone2" build on ${GOLDEN} (linked clones), and "golden", "user" use ${GOLDEN}, ` +
        `${USED}, and "keeper", "keeper2" need ${FROZEN} for snapshots, so it is not possible to delete it: that would ` +
        "destroy them. Nothing was changed. Delete those first, or make them full clones. Take it out of the machine's " +
        "devices first, or delete the machine. Remove those snapshots first.",
    );
  });
});

describe("a machine that the host cannot read", () => {
  const dim = (isDim: boolean) =>
    lab.raw.simulator.behindBack.setUnreadable(
      lab.raw.vm("dim").moid,
      isDim ? { state: "inaccessible" } : undefined,
    );
  const REMEDY =
    "Let the host read the unreadable machines again, or unregister those that are lost for good and remove their files.";
  const among = (...names: readonly string[]): Partial<FilesToChange> => ({
    files: [GOLDEN, USED],
    owner: owner("golden"),
    counts: ({ name }) => names.includes(name),
  });

  beforeAll(() => stranger.vm("dim", [{ on: GOLDEN }]));
  afterEach(() => {
    lab.raw.simulator.faults.clear();
    dim(false);
  });
  afterAll(() => lab.raw.simulator.behindBack.destroy(lab.raw.vm("dim").moid));

  test("keeps what its disks were seen to build on", async () => {
    dim(true);
    expect(await refused(among("dim"))).toBe(
      'esxi1: the disks of "dim" build on those of "golden" (linked clones), so it is not possible to delete it: that ' +
        `would destroy them. Nothing was changed. Delete those first, or make them full clones. ${REMEDY}`,
    );
  });

  test("keeps what they may build on where nobody could look", async () => {
    expect(await refused(among("nobody"))).toBeUndefined();
    lab.raw.simulator.faults.add({
      method: "SearchDatastore_Task",
      action: { taskFault: "SystemError", message: "not now" },
    });
    dim(true);
    expect(await refused(among("dim", "user"))).toBe(
      `esxi1: the host cannot read "dim", whose disks may build on those of "golden", and "user" uses ${USED}, so it is ` +
        `not possible to delete it. Nothing was changed. ${REMEDY} Take it out of the machine's devices first, or ` +
        "delete the machine.",
    );
  });
});

describe("how often the machines are looked at", () => {
  const looks = () => lab.raw.count("RetrievePropertiesEx");

  /** How many calls that takes. */
  const costOf = async (work: () => Promise<unknown>) => {
    const before = looks();
    await work();
    return looks() - before;
  };

  const seen = () => refused({ files: ["[datastore1] data/a.vmdk"] });

  test("in one short call for all who ask at the same moment, if none has changed", async () => {
    await seen();
    const ask = (file: string) => refused({ files: [`[datastore1] data/${file}.vmdk`] });
    expect(await costOf(() => Promise.all(["a", "b", "c"].map(ask)))).toBe(1);
    expect(await costOf(() => ask("d"))).toBe(1);
  });

  test("not at all, if there is nothing to change", async () => {
    expect(await costOf(() => refused({ files: [] }))).toBe(0);
  });

  test("not at all by who was told so and has looked a moment ago", async () => {
    await seen();
    const since = ageClock.now();
    expectUses(lab.host, since);
    await refused({ files: ["[datastore1] data/a.vmdk"], since });
    expect(await costOf(() => refused({ files: ["[datastore1] data/b.vmdk"], since }))).toBe(0);
  });

  test("at once if that is said, before anybody needs the answer", async () => {
    const before = looks();
    const since = ageClock.now();
    expectUses(lab.host, since);
    await expect.poll(looks).toBe(before + 1);
    await refused({ files: ["[datastore1] data/a.vmdk"], since });
    expect(looks()).toBe(before + 1);
  });

  test("once more before it is refused: what needed it may be gone", async () => {
    await stranger.vm("gone");
    expect(await refused({ files: ["[datastore1] gone/gone.vmdk"] })).toContain('"gone" uses');
    const since = ageClock.now();
    expectUses(lab.host, since);
    await refused({ files: ["[datastore1] data/a.vmdk"], since });
    await lab.raw.simulator.behindBack.unregister(lab.raw.vm("gone").moid);
    expect(await refused({ files: ["[datastore1] gone/gone.vmdk"], since })).toBeUndefined();
  });

  test("so that who has come or changed since is seen, and is all that is read", async () => {
    await seen();
    await stranger.vm("late", ["new", { attach: "[datastore1] user/user.vmdk" }]);
    expect(await refused({ files: [USED], owner: owner("user") })).toContain('"late" uses');
    await stranger.detach("late", USED);
    expect(await refused({ files: [USED], owner: owner("user") })).toBeUndefined();
    await stranger.attach("late", USED);
    // Versions, the machine itself, and its files; then versions again before it is refused, and once or twice the task of
    // a search of the datastore.
    const cost = await costOf(async () => {
      expect(await refused({ files: [USED], owner: owner("user") })).toContain('"late" uses');
    });
    expect([5, 6]).toContain(cost);
    await stranger.snapshot("late");
    await stranger.detach("late", stranger.diskPaths("late")[1] ?? "");
    expect(await refused({ files: [USED], owner: owner("user") })).toContain('"late" needs');
    await lab.raw.simulator.behindBack.destroy(lab.raw.vm("late").moid);
  });

  test("so that who cannot be read any more, or can be again, is seen", async () => {
    await stranger.vm("dim");
    const place = { datastore: "datastore1", path: "dim/left" };
    expect(await refused({ place })).toBeUndefined();
    const { moid } = lab.raw.vm("dim");
    lab.raw.simulator.behindBack.setUnreadable(moid, { state: "inaccessible", tells: "path" });
    expect(await refused({ place })).toMatch(/dim\.vmx" uses/);
    lab.raw.simulator.behindBack.setUnreadable(moid, undefined);
    expect(await refused({ place })).toBeUndefined();
    await lab.raw.simulator.behindBack.destroy(moid);
  });

  test.each<[string, Partial<FilesToChange>, boolean]>([
    ["the file", { files: ["[datastore1]given//given-flat.vmdk"] }, true],
    ["its folder", { place: { datastore: "datastore1", path: "given" } }, true],
    ["no such file", { files: ["[datastore1] data/other.vmdk"] }, false],
    ["nothing in that folder", { place: { datastore: "datastore1", path: "data" } }, false],
  ])("once more if this process has given a machine %s, and not otherwise", async (_, change, isSo) => {
    await seen();
    const since = ageClock.now();
    await refused({ files: ["[datastore1] data/a.vmdk"], since });
    const given = diskWith(["[datastore1] given/given.vmdk"]);
    rememberGiven(lab.host, [create("VirtualDeviceConfigSpec", { operation: "add", device: given })]);
    expect(await costOf(async () => expect(await refused({ ...change, since })).toBeUndefined())).toBe(
      isSo ? 1 : 0,
    );
  });
});

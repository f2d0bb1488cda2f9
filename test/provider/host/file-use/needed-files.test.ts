/** The rule for every file that is to go: nobody but its owner needs it. One host, at which nothing is changed. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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

describe("how often the machines are looked at", () => {
  const looks = () => lab.raw.count("RetrievePropertiesEx");

  test("once, for all that may go, also if it was told before", async () => {
    lab.host.vms.forgetOverview();
    expectUses(lab.host);
    await refused({ files: ["[datastore1] data/a.vmdk"] });
    const before = looks();
    expect(before).toBeGreaterThan(0);
    await refused({ files: ["[datastore1] data/b.vmdk"] });
    expect(looks()).toBe(before);
  });

  test("not at all, if there is nothing to change", async () => {
    lab.host.vms.forgetOverview();
    const before = looks();
    await refused({ files: [] });
    expect(looks()).toBe(before);
  });

  test("once more before it is refused: what needed it may be gone", async () => {
    await stranger.vm("gone");
    lab.host.vms.forgetOverview();
    expect(await refused({ files: ["[datastore1] gone/gone.vmdk"] })).toContain('"gone" uses');
    await lab.raw.simulator.behindBack.unregister(lab.raw.vm("gone").moid);
    expect(await refused({ files: ["[datastore1] gone/gone.vmdk"] })).toBeUndefined();
  });

  test.each<[string, Partial<FilesToChange>, boolean]>([
    ["the file", { files: ["[datastore1]given//given-flat.vmdk"] }, true],
    ["its folder", { place: { datastore: "datastore1", path: "given" } }, true],
    ["no such file", { files: ["[datastore1] data/other.vmdk"] }, false],
    ["nothing in that folder", { place: { datastore: "datastore1", path: "data" } }, false],
  ])("once more if this process has given a machine %s, and not otherwise", async (_, change, isSo) => {
    await refused({ files: ["[datastore1] data/a.vmdk"] });
    const given = diskWith(["[datastore1] given/given.vmdk"]);
    rememberGiven(lab.host, [create("VirtualDeviceConfigSpec", { operation: "add", device: given })]);
    const forget = vi.spyOn(lab.host.vms, "forgetOverview");
    expect(await refused(change)).toBeUndefined();
    expect(forget).toHaveBeenCalledTimes(isSo ? 1 : 0);
    forget.mockRestore();
  });
});

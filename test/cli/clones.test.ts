import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { macAddressesOf } from "../support/mac-addresses.ts";
import { buildOva } from "../support/ova-builder.ts";
import type { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones, numbered, times } from "./clone-program.ts";

const LIMIT = { timeout: 120_000 };
const golden = { ovaPath: tinyOva.path, powerOn: false };
const linked = { source: "golden", mode: "linked" };
const full = { source: "golden", mode: "full" };

/** What no two machines may share: UUIDs and MAC addresses. */
function identities(host: SimulatedHost) {
  const vms = host.simulator.vms();
  const macs = vms.flatMap(macAddressesOf);
  return { uuids: vms.flatMap(({ uuid, instanceUuid }) => [uuid, instanceUuid]), macs };
}

/** Each test goes on where the one before it ended. */
describe("a stack with 20 linked and 5 full clones of one OVA", LIMIT, () => {
  const lab = sharedLab();
  /** Pulumi is to forget `theirs`. */
  const theirs = { ...full, powerOn: false };
  const clones = { ...times(20, "linked-", linked), ...times(5, "full-", full), theirs };
  const ofTheirs = {
    "their-full": { source: "theirs", mode: "full" },
    "their-linked": { source: "theirs", mode: "linked", powerOn: false },
  };
  const names = (links: number, fulls: number) =>
    ["golden", ...numbered(links, "linked-"), ...numbered(fulls, "full-")].sort();
  /** What is left of them after the first two runs. */
  const fewer = { ...times(2, "linked-", linked), "full-5": full, "full-6": full };
  const few = ["full-5", "full-6", "golden", "linked-1", "linked-2"];
  const fewRunning = few.map((name) => `${name}: ${name === "golden" ? "poweredOff" : "poweredOn"}`);
  const theirsRunning = ["their-full: poweredOn", "their-linked: poweredOff", "theirs: poweredOff"];

  test("up uploads once, and every clone reads as the OVA, has an identity of its own, and asks nothing", async (context) => {
    const { host, project } = await lab(context);
    await declareClones({ host, project }, { ovas: { golden }, clones });
    const { steps } = succeeded(await project.up());
    const all = [...names(20, 5), "theirs"].sort();
    expect(steps).toEqual({ create: all });
    expect({
      uploads: host.count("nfc"),
      logins: host.count("Login"),
      answers: host.count("AnswerVM"),
    }).toEqual({
      uploads: 1,
      logins: 1,
      answers: 0,
    });
    const off = ["golden", "theirs"];
    await host.expectVms(...all.map((name) => `${name}: ${off.includes(name) ? "poweredOff" : "poweredOn"}`));
    for (const name of all) expect(await host.rawDisk(name), name).toBe(tinyOva.rawSha256);
    const { uuids, macs } = identities(host);
    expect({ uuids: new Set(uuids).size, macs: new Set(macs).size }).toEqual({ uuids: 54, macs: 27 });
  });

  test("linked clones hold no copy of the disk, full clones do", async (context) => {
    const { host } = await lab(context);
    const files = await host.simulator.files("datastore1");
    const flat = files.filter((file) => file.endsWith("-flat.vmdk")).map((file) => file.split("/")[0]);
    expect(flat.sort()).toEqual(["golden", "theirs", ...numbered(5, "full-")].sort());
  });

  test("other counts make and delete the difference, a machine that Pulumi does not manage is cloned by its name, and nothing is uploaded", async (context) => {
    const { host, project } = await lab(context);
    const state = await project.vmsInState();
    await project.must(["state", "delete", "--yes", state.get("theirs")?.urn ?? ""]);
    host.simulator.requests.clear();
    const brief = { source: "theirs", mode: "linked" };
    const now = { ...fewer, ...ofTheirs, "their-brief": brief };
    await declareClones({ host, project }, { ovas: { golden }, clones: now });
    const { steps } = succeeded(await project.up());
    const gone = [...numbered(20, "linked-").slice(2), ...numbered(4, "full-")].sort();
    expect(steps).toEqual({
      same: ["full-5", "golden", "linked-1", "linked-2"],
      create: ["full-6", "their-brief", "their-full", "their-linked"],
      delete: gone,
    });
    expect(host.count("nfc")).toBe(0);
    await host.expectVms(...fewRunning, ...theirsRunning, "their-brief: poweredOn");
    for (const name of ["full-6", "their-brief", "their-full", "their-linked"])
      expect(await host.rawDisk(name), name).toBe(tinyOva.rawSha256);
  });

  test("another OVA replaces every clone before the machine that it was cloned from, and another machine stays when a clone of it goes", async (context) => {
    const { host, project } = await lab(context);
    const identitiesOf = (names: readonly string[]) => names.map((name) => host.vm(name).instanceUuid);
    const before = identitiesOf(few);
    const others = ["their-full", "their-linked", "theirs"];
    const othersBefore = identitiesOf(others);
    const ovaPath = await project.write("changed.ova", buildOva().ova);
    await declareClones(
      { host, project },
      { ovas: { golden: { ...golden, ovaPath } }, clones: { ...fewer, ...ofTheirs } },
    );
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({
      "delete-replaced": few,
      "create-replacement": few,
      replace: few,
      delete: ["their-brief"],
      same: ["their-full", "their-linked"],
    });
    await host.expectVms(...fewRunning, ...theirsRunning);
    expect(identitiesOf(others)).toEqual(othersBefore);
    for (const name of others) expect(await host.rawDisk(name), name).toBe(tinyOva.rawSha256);
    expect(identitiesOf(few).filter((uuid) => before.includes(uuid))).toEqual([]);
    const disk = await host.rawDisk("golden");
    expect(disk).not.toBe(tinyOva.rawSha256);
    for (const name of few) expect(await host.rawDisk(name), name).toBe(disk);
  });

  test("clones go without the machine that they were cloned from, and destroy leaves an empty host: no VM, no file, no lease, no session", async (context) => {
    const { host, project } = await lab(context);
    await host.simulator.behindBack.destroy(host.vm("theirs").moid);
    expect(await host.rawDisk("their-full")).toBe(tinyOva.rawSha256);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: [...few, "their-full", "their-linked"].sort() });
    await host.expectEmpty();
  });
});

import { describe, expect, test } from "vitest";
import { failed, openLab, sharedLab, succeeded } from "../support/lab.ts";
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
  const clones = { ...times(20, "linked-", linked), ...times(5, "full-", full) };
  const names = (links: number, fulls: number) =>
    ["golden", ...numbered(links, "linked-"), ...numbered(fulls, "full-")].sort();
  /** What is left of them after the first two runs. */
  const fewer = { ...times(2, "linked-", linked), "full-5": full, "full-6": full };
  const few = ["full-5", "full-6", "golden", "linked-1", "linked-2"];
  const fewRunning = few.map((name) => `${name}: ${name === "golden" ? "poweredOff" : "poweredOn"}`);
  const running = (links: number, fulls: number) =>
    names(links, fulls).map((name) => `${name}: ${name === "golden" ? "poweredOff" : "poweredOn"}`);

  test("up uploads once, and every clone reads as the OVA, has an identity of its own, and asks nothing", async (context) => {
    const { host, project } = await lab(context);
    await declareClones({ host, project }, { ovas: { golden }, clones });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: names(20, 5) });
    expect({
      uploads: host.count("nfc"),
      logins: host.count("Login"),
      answers: host.count("AnswerVM"),
    }).toEqual({
      uploads: 1,
      logins: 1,
      answers: 0,
    });
    await host.expectVms(...running(20, 5));
    for (const name of names(20, 5)) expect(await host.rawDisk(name), name).toBe(tinyOva.rawSha256);
    const { uuids, macs } = identities(host);
    expect({ uuids: new Set(uuids).size, macs: new Set(macs).size }).toEqual({ uuids: 52, macs: 26 });
  });

  test("linked clones hold no copy of the disk, full clones do", async (context) => {
    const { host } = await lab(context);
    const files = await host.simulator.files("datastore1");
    const flat = files.filter((file) => file.endsWith("-flat.vmdk")).map((file) => file.split("/")[0]);
    expect(flat.sort()).toEqual(["golden", ...numbered(5, "full-")].sort());
  });

  test("other counts make and delete the difference, and upload nothing", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    await declareClones({ host, project }, { ovas: { golden }, clones: fewer });
    const { steps } = succeeded(await project.up());
    const gone = [...numbered(20, "linked-").slice(2), ...numbered(4, "full-")].sort();
    expect(steps).toEqual({
      same: ["full-5", "golden", "linked-1", "linked-2"],
      create: ["full-6"],
      delete: gone,
    });
    expect(host.count("nfc")).toBe(0);
    await host.expectVms(...fewRunning);
    expect(await host.rawDisk("full-6")).toBe(tinyOva.rawSha256);
  });

  test("up again has nothing to do and does not ask the host", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ same: few });
    expect(host.count()).toBe(0);
  });

  test("powering on the machine that others build on is refused with their names", async (context) => {
    const { host, project } = await lab(context);
    await declareClones({ host, project }, { ovas: { golden: { ...golden, powerOn: true } }, clones: fewer });
    const { output } = failed(await project.up());
    expect(output).toMatch(/"linked-1".*build on those of "golden"/);
    await host.expectVms(...fewRunning);
    expect(await host.rawDisk("golden")).toBe(tinyOva.rawSha256);
  });

  test("another OVA replaces every clone before the machine that it was cloned from", async (context) => {
    const { host, project } = await lab(context);
    const before = host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    const ovaPath = await project.write("changed.ova", buildOva().ova);
    await declareClones({ host, project }, { ovas: { golden: { ...golden, ovaPath } }, clones: fewer });
    const { steps } = succeeded(await project.up());
    expect(steps).toMatchObject({ "delete-replaced": few, "create-replacement": few });
    await host.expectVms(...fewRunning);
    const after = host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    expect(after.filter((uuid) => before.includes(uuid))).toEqual([]);
    const disk = await host.rawDisk("golden");
    expect(disk).not.toBe(tinyOva.rawSha256);
    for (const name of few) expect(await host.rawDisk(name), name).toBe(disk);
  });

  test("destroy leaves an empty host: no VM, no file, no lease, no session", async (context) => {
    const { host, project } = await lab(context);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: few });
    await host.expectEmpty();
  });
});

test(
  "a machine that Pulumi does not manage is cloned by its name, stays when clones go, and they go without it",
  LIMIT,
  async (context) => {
    const { host, project } = await openLab(context);
    await declareClones({ host, project }, { ovas: { golden } });
    succeeded(await project.up());
    const state = await project.vmsInState();
    await project.must(["state", "delete", "--yes", state.get("golden")?.urn ?? ""]);
    const one = times(1, "linked-", { ...linked, powerOn: false });
    await declareClones(
      { host, project },
      { clones: { ...one, ...times(1, "full-", full), "linked-2": linked } },
    );
    succeeded(await project.up());
    await host.expectVms(
      "full-1: poweredOn",
      "golden: poweredOff",
      "linked-1: poweredOff",
      "linked-2: poweredOn",
    );
    await declareClones({ host, project }, { clones: { ...one, ...times(1, "full-", full) } });
    expect(succeeded(await project.up()).steps).toMatchObject({ delete: ["linked-2"] });
    expect(await host.rawDisk("golden")).toBe(tinyOva.rawSha256);
    await host.simulator.behindBack.destroy(host.vm("golden").moid);
    expect(await host.rawDisk("full-1")).toBe(tinyOva.rawSha256);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: ["full-1", "linked-1"] });
    await host.expectEmpty();
  },
);

import { describe, expect, test } from "vitest";
import { failed, openLab, sharedLab, succeeded } from "../support/lab.ts";
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
  const macs = vms.flatMap(({ config }) =>
    (config.hardware.device ?? []).flatMap((device) =>
      "macAddress" in device && typeof device.macAddress === "string" ? [device.macAddress] : [],
    ),
  );
  return { uuids: vms.flatMap(({ uuid, instanceUuid }) => [uuid, instanceUuid]), macs };
}

/** Each test goes on where the one before it ended. */
describe("a stack with 20 linked and 5 full clones of one OVA", LIMIT, () => {
  const lab = sharedLab();
  const clones = { ...times(20, "linked-", linked), ...times(5, "full-", full) };
  const names = (links: number, fulls: number) =>
    ["golden", ...numbered(links, "linked-"), ...numbered(fulls, "full-")].sort();
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

  test("up again has nothing to do and does not ask the host", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ same: names(20, 5) });
    expect(host.count()).toBe(0);
  });

  test("powering on the machine that others build on is refused with their names", async (context) => {
    const { host, project } = await lab(context);
    await declareClones({ host, project }, { ovas: { golden: { ...golden, powerOn: true } }, clones });
    const { output } = failed(await project.up());
    expect(output).toMatch(/"linked-1".*build on those of "golden"/);
    await host.expectVms(...running(20, 5));
    expect(await host.rawDisk("golden")).toBe(tinyOva.rawSha256);
  });

  test("other counts make and delete the difference, and upload nothing", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    const fewer = { ...times(4, "linked-", linked), ...times(6, "full-", full) };
    await declareClones({ host, project }, { ovas: { golden }, clones: fewer });
    const { steps } = succeeded(await project.up());
    const gone = numbered(20, "linked-").slice(4).sort();
    const same = names(4, 5).filter((name) => name !== "golden");
    // The update that was refused before is gone through again, and has nothing to do.
    expect(steps).toEqual({ same, update: ["golden"], create: ["full-6"], delete: gone });
    expect(host.count("nfc")).toBe(0);
    await host.expectVms(...running(4, 6));
    expect(await host.rawDisk("full-6")).toBe(tinyOva.rawSha256);
  });

  test("another OVA replaces every clone before the machine that it was cloned from", async (context) => {
    const { host, project } = await lab(context);
    const before = host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    const ovaPath = await project.write("changed.ova", buildOva().ova);
    const fewer = { ...times(4, "linked-", linked), ...times(6, "full-", full) };
    await declareClones({ host, project }, { ovas: { golden: { ...golden, ovaPath } }, clones: fewer });
    const { steps } = succeeded(await project.up());
    expect(steps).toMatchObject({ "delete-replaced": names(4, 6), "create-replacement": names(4, 6) });
    await host.expectVms(...running(4, 6));
    const after = host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    expect(after.filter((uuid) => before.includes(uuid))).toEqual([]);
    const disk = await host.rawDisk("golden");
    expect(disk).not.toBe(tinyOva.rawSha256);
    for (const name of names(4, 6)) expect(await host.rawDisk(name), name).toBe(disk);
  });

  test("destroy leaves an empty host: no VM, no file, no lease, no session", async (context) => {
    const { host, project } = await lab(context);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: names(4, 6) });
    await host.expectEmpty();
  });
});

describe("clones whose source goes its own way", LIMIT, () => {
  test("destroy also works after somebody deleted the machine that the clones build on", async (context) => {
    const { host, project } = await openLab(context);
    const clones = { ...times(2, "linked-", { ...linked, powerOn: false }), ...times(1, "full-", full) };
    await declareClones({ host, project }, { ovas: { golden }, clones });
    succeeded(await project.up());
    await host.simulator.behindBack.destroy(host.vm("golden").moid);
    expect(await host.rawDisk("full-1")).toBe(tinyOva.rawSha256);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: ["full-1", "golden", "linked-1", "linked-2"] });
    await host.expectEmpty();
  });

  test("a machine that Pulumi does not manage is cloned by its name, and stays when the clones go", async (context) => {
    const { host, project } = await openLab(context);
    await declareClones({ host, project }, { ovas: { golden } });
    succeeded(await project.up());
    const state = await project.vmsInState();
    await project.must(["state", "delete", "--yes", state.get("golden")?.urn ?? ""]);
    await declareClones(
      { host, project },
      { clones: { ...times(1, "linked-", linked), ...times(1, "full-", full) } },
    );
    succeeded(await project.up());
    await host.expectVms("full-1: poweredOn", "golden: poweredOff", "linked-1: poweredOn");
    succeeded(await project.destroy());
    await host.expectVms("golden: poweredOff");
    expect(await host.rawDisk("golden")).toBe(tinyOva.rawSha256);
  });
});

describe("a fleet", LIMIT, () => {
  test("makes its base once per datastore, grows, and goes without a trace", async (context) => {
    const datastores = ["ssd", "hdd"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
    const { host, project } = await openLab(context, { simulator: { datastores } });
    const fleet = {
      source: { ova: { ovaPath: tinyOva.path } },
      hosts: datastores.map(({ name }) => ({ datastore: name })),
      namePattern: "vm %d",
    };
    const made = async (count: number) => {
      await declareClones({ host, project }, { fleets: { student: { ...fleet, count } } });
      return succeeded(await project.up()).steps;
    };
    const bases = ["student-base-hdd", "student-base-ssd"];
    expect(await made(3)).toEqual({ create: ["student-1", "student-2", "student-3", ...bases] });
    expect(host.count("nfc")).toBe(2);
    expect(await made(4)).toEqual({
      same: ["student-1", "student-2", "student-3", ...bases],
      create: ["student-4"],
    });
    expect(host.count("nfc")).toBe(2);
    const placed = numbered(4, "vm ").map((name) => host.vm(name).vmxPath.split(" ")[0]);
    expect(placed).toEqual(["[ssd]", "[hdd]", "[ssd]", "[hdd]"]);
    for (const name of numbered(4, "vm ")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    await host.expectVms(
      ...bases.map((name) => `${name}: poweredOff`),
      ...numbered(4, "vm ").map((name) => `${name}: poweredOn`),
    );
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

describe("the committed stack with clones", LIMIT, () => {
  test("clones what it uploads once, over SSH if it is told to", async (context) => {
    const { host, project } = await openLab(context, {
      committedStack: true,
      simulator: { ssh: { listen: "127.0.0.1:0" } },
    });
    await project.setConfig({
      "ova:numInstances": "0",
      "clones:numClones": "2",
      "clones:mode": "full",
      "clones:transport": "ssh",
      "esxi:sshPort": String(host.simulator.ssh?.port),
      "esxi:sshHostKey": host.simulator.ssh?.hostKeySha256 ?? "",
    });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: ["clone-1", "clone-2", "golden"] });
    expect({ uploads: host.count("nfc"), copies: host.count("CopyVirtualDisk_Task") }).toEqual({
      uploads: 1,
      copies: 0,
    });
    await host.expectVms("clone-1: poweredOn", "clone-2: poweredOn", "golden: poweredOff");
    for (const name of numbered(2, "clone-")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    await project.setConfig({ "clones:mode": "linked" });
    expect(failed(await project.preview()).output).toContain('cannot be "ssh" for a linked clone');
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ageClock } from "../../../../provider/clock.ts";
import { CloneLab, GIVEN_MAC } from "../clone-lab.ts";
import { failure } from "../lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open();
});

afterEach(async () => {
  await clones.lab.close();
});

test.each(["full", "linked"])(
  "a %s clone does not get a MAC address that its source was given",
  async (mode) => {
    const given = { networkInterfaces: [{ network: "VM Network", macAddress: GIVEN_MAC }] };
    expect((await clones.golden(given)).outs.macAddresses).toEqual([GIVEN_MAC]);
    await clones.create("student", { mode });
    expect(clones.macAddresses("student")).toEqual([expect.not.stringMatching(GIVEN_MAC)]);
  },
);

describe("a linked clone", () => {
  test("is a machine of its own that reads as its source does, and asks nothing at power-on", async () => {
    const golden = await clones.golden();
    const clone = await clones.create("student 1", { source: golden.id, mode: "linked" });
    expect(clone.outs).toMatchObject({
      name: "student 1",
      powerState: "poweredOn",
      mode: "linked",
      clonedFrom: { name: "golden", instanceUuid: golden.id },
    });
    expect(clone.id).not.toBe(golden.id);
    expect(clone.outs.uuid).not.toBe(golden.outs.uuid);
    expect(clone.outs.macAddresses).not.toEqual(golden.outs.macAddresses);
    expect(await clones.lab.raw.rawDisk("student 1")).toBe(await clones.lab.raw.rawDisk("golden"));
    const mark = clones.lab.ownerMark(clones.lab.raw.vm("student 1"));
    expect(mark).toMatchObject({ phase: "created" });
  });

  test("finds its source that was registered anew since the last clone, and misses one that is gone", async () => {
    const golden = await clones.golden();
    await clones.create("one", { source: golden.id, mode: "linked" });
    const { moid, vmxPath } = clones.lab.raw.vm("golden");
    await clones.lab.raw.simulator.behindBack.unregister(moid);
    // What was read of a source serves for a second.
    const later = vi.spyOn(ageClock, "now").mockReturnValue(ageClock.now() + 5_000);
    onTestFinished(() => void later.mockRestore());
    const missing = await failure(clones.create("two", { source: golden.id, mode: "linked" }));
    expect(missing.message).toMatch(
      /has no virtual machine ".+" to clone: .+ has "one"\. Nothing was created/,
    );
    await clones.lab.register(vmxPath);
    const two = await clones.create("two", { source: golden.id, mode: "linked" });
    expect(clones.lab.raw.vm("golden").moid).not.toBe(moid);
    expect(two.outs).toMatchObject({ powerState: "poweredOn", clonedFrom: { instanceUuid: golden.id } });
    expect((await clones.lab.raw.contents()).vms).toEqual([
      "golden: poweredOff",
      "one: poweredOn",
      "two: poweredOn",
    ]);
  });

  test("goes without a trace, and its source stays", async () => {
    const golden = await clones.golden();
    const before = await clones.lab.raw.contents();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student", { mode: "linked" });
    await clones.delete(clone);
    expect(await clones.lab.raw.contents()).toEqual(before);
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
    await clones.delete(clone);
    await clones.lab.delete(golden);
    expect((await clones.lab.raw.contents()).vms).toEqual([]);
  });

  test("keeps its source from being deleted or powered on", async () => {
    const golden = await clones.golden();
    const [one] = [
      await clones.create("one", { mode: "linked" }),
      await clones.create("two", { mode: "linked" }),
    ];
    const disk = await clones.lab.raw.rawDisk("golden");
    const deletion = await failure(clones.lab.delete(golden));
    expect(deletion.message).toMatch(/"one", "two" build on those of "golden".*delete it/);
    const powering = await failure(clones.lab.update(golden, { name: "golden", powerOn: true }));
    expect(powering.message).toMatch(/"one", "two" build on those of "golden".*power it on/);
    expect(clones.lab.raw.vm("golden").powerState).toBe("poweredOff");
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
    await clones.delete(one);
    expect((await failure(clones.lab.delete(golden))).message).toMatch(/"two" build/);
  });

  test("needs a source that is off", async () => {
    await clones.golden({ powerOn: true });
    const error = await failure(clones.create("student", { mode: "linked" }));
    expect(error.message).toMatch(/"golden" cannot be cloned: it is poweredOn.*Nothing was created/);
    expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOn"]);
  });
});

describe("a full clone", () => {
  test("has disks of its own with the same bytes", async () => {
    const golden = await clones.golden();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student", { source: golden.outs.vmxPath });
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    expect(clone.outs).toMatchObject({ powerState: "poweredOn", mode: "full" });
    await clones.lab.delete(golden);
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    await clones.delete(clone);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: [], files: [] });
  });

  test("needs a source that is off, unless it may take a snapshot, of which nothing stays", async () => {
    await clones.golden({ powerOn: true });
    const disk = await clones.lab.raw.rawDisk("golden");
    const before = await clones.lab.raw.contents();
    const error = await failure(clones.create("student", {}));
    expect(error.message).toMatch(/it is powered on.*poweredOnSource: "snapshot"/);
    const clone = await clones.create("student", { poweredOnSource: "snapshot", powerOn: false });
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    await clones.delete(clone);
    expect(await clones.lab.raw.contents()).toEqual(before);
  });

  test("takes other settings than its source, and changes them in place", async () => {
    await clones.golden();
    const settings = {
      memory: 256,
      numCpus: 2,
      annotation: "mine",
      extraConfig: { "guestinfo.name": "s1" },
      powerOn: false,
    };
    const clone = await clones.create("student", settings);
    expect(clone.outs).toMatchObject(settings);
    const more = {
      ...settings,
      memory: 512,
      networkInterfaces: [{ network: "VM Network", macAddress: GIVEN_MAC }],
    };
    expect(await clones.diff(clone, settings)).toMatchObject({ changes: false });
    expect(await clones.diff(clone, more)).toMatchObject({ changes: true, replaces: [] });
    const changed = await clones.update(clone, more);
    expect(changed.outs).toMatchObject({ memory: 512, macAddresses: [GIVEN_MAC] });
    expect(await clones.diff(changed, more)).toMatchObject({ changes: false });
    expect(await clones.read(changed)).toMatchObject({ outs: { memory: 512 } });
  });

  test("goes into the folder that it is given", async () => {
    await clones.golden();
    const clone = await clones.create("student", { folder: "labs/group 1", powerOn: false });
    expect(clone.outs.vmxPath).toBe("[datastore1] labs/group 1/group 1.vmx");
    await clones.delete(clone);
    expect((await clones.lab.raw.contents()).files.filter((file) => file.includes("group 1"))).toEqual([]);
  });
});

test("twenty linked and five full clones of one OVA cost one upload", async () => {
  await clones.golden();
  const disk = await clones.lab.raw.rawDisk("golden");
  const names = Array.from({ length: 25 }, (_, index) => `s${index}`);
  const made = await Promise.all(
    names.map((name, index) => clones.create(name, { mode: index < 20 ? "linked" : "full" })),
  );
  expect(clones.lab.raw.count("nfc")).toBe(1);
  for (const name of names) expect(await clones.lab.raw.rawDisk(name)).toBe(disk);
  expect(new Set(made.map(({ outs }) => outs.uuid)).size).toBe(25);
  expect(new Set(made.flatMap(({ outs }) => outs.macAddresses as string[])).size).toBe(25);
  expect(made.every(({ outs }) => outs.powerState === "poweredOn")).toBe(true);
  await Promise.all(made.map((clone) => clones.delete(clone)));
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff"]);
});

describe("check", () => {
  test.each([
    [{ mode: "linked", diskProvisioning: "thin" }, "diskProvisioning"],
    [{ mode: "linked", poweredOnSource: "snapshot" }, "poweredOnSource"],
    [{ mode: "linked", disks: [{ size: 500 }] }, "disks.0.size"],
    [
      {
        mode: "linked",
        disks: [
          { label: "data", size: 1 },
          { label: "disk0", size: 500 },
        ],
      },
      "disks.1.size",
    ],
    [{ mode: "half" }, "mode"],
    [{ source: "" }, "source"],
    [{ folder: "../x" }, "folder"],
    [{ folder: ".hidden" }, "folder"],
    [{ folder: "a:b" }, "folder"],
    [
      { networkInterfaces: [{ network: "x", macAddress: "00:0c:29:00:00:01" }] },
      "networkInterfaces.0.macAddress",
    ],
    [{ networkInterfaces: [{ network: "x", adapterType: "ne2000" }] }, "networkInterfaces.0.adapterType"],
    [{ ovaPath: "x.ova" }, "ovaPath"],
  ])("refuses %j", async (settings, property) => {
    const { failures } = await clones.check("student", settings);
    expect(failures.map((each) => each.property)).toEqual([property]);
  });

  test("the same source by another name changes nothing, another one replaces", async () => {
    const golden = await clones.golden();
    const clone = await clones.create("student", { source: golden.id, powerOn: false });
    expect(await clones.diff(clone, { source: "golden", powerOn: false })).toMatchObject({ changes: false });
    const other = await clones.diff(clone, { source: "other", powerOn: false });
    expect(other).toMatchObject({ replaces: ["source"] });
  });
});

test.each([
  ["no machine", "nobody"],
  ["no machine with that UUID", "00000000-0000-0000-0000-000000000000"],
  ["no machine at that path", "[datastore1] nowhere/nowhere.vmx"],
])("there is %s to clone", async (_, source) => {
  const error = await failure(clones.create("student", { source }));
  expect(error.message).toMatch(/has no virtual machine/);
  expect((await clones.lab.raw.contents()).files).toEqual([]);
});

import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";
import { asked, networkOf } from "./raw-host.ts";

const ignoring = (...ignoreChanges: string[]) => ({ ignoreChanges });

/**
 * Of each kind one whose drift is ignored; of `student` only who uses it decides whether it runs; `watched` is as declared,
 * whatever happens.
 */
const stack = (annotation = "first") => ({
  base: {
    kind: "OvaDeployment",
    args: { ovaPath: tinyOva.path, powerOn: false, memory: 64, annotation },
    options: ignoring("memory"),
  },
  clone: {
    kind: "DatastoreClone",
    args: { source: "$base", extraConfig: { "guestinfo.a": "1", "guestinfo.b": "1" }, annotation },
    options: ignoring('extraConfig["guestinfo.a"]', "powerOn"),
  },
  scratch: { kind: "ScratchVm", args: { memory: 64, annotation }, options: ignoring("*") },
  student: { kind: "DatastoreClone", args: { source: "$base", powerOn: "once", annotation } },
  watched: { kind: "ScratchVm", args: { memory: 64, powerOn: false } },
  snapshot: {
    kind: "VmSnapshot",
    args: { vm: "$watched", description: "ours" },
    options: ignoring("description"),
  },
  switch: { kind: "VirtualSwitch", args: { mtu: 1500, numPorts: 128 }, options: ignoring("mtu") },
  group: {
    kind: "PortGroup",
    args: { virtualSwitch: "$switch.name", vlanId: 7 },
    options: ignoring("vlanId"),
  },
  file: {
    kind: "DatastoreFile",
    args: { path: "seed.txt", source: "seed.txt" },
    options: ignoring("source"),
  },
});
const NAMES = Object.keys(stack()).sort();
const FILE = "[datastore1] seed.txt";

/** Each test goes on where the one before it ended. */
describe("what somebody changes on the host, where ignoreChanges says to leave it", {
  timeout: 180_000,
}, () => {
  const lab = sharedLab();

  /** Changes everything that the options name, and one setting of `watched`. */
  const change = async (own: Lab) => {
    const { behindBack, localFile } = own.host.simulator;
    const change = (name: string, spec: object) =>
      behindBack.reconfigure(own.host.vm(name).moid, { $type: "VirtualMachineConfigSpec", ...spec });
    await change("base", { memoryMB: 128 });
    await change("clone", { extraConfig: [{ $type: "OptionValue", key: "guestinfo.a", value: "theirs" }] });
    await behindBack.powerOff(own.host.vm("clone").moid);
    await behindBack.powerOff(own.host.vm("scratch").moid);
    await behindBack.powerOff(own.host.vm("student").moid);
    await change("scratch", { memoryMB: 256, annotation: "theirs" });
    await change("watched", { memoryMB: 128 });
    await writeFile(localFile(FILE), "theirs");
    const { moid } = own.host.vm("watched");
    const system = "HostNetworkSystem:networkSystem";
    await asked(own, async (client) => {
      await client.ok(
        "RenameSnapshot",
        `VirtualMachineSnapshot:${moid}-snapshot-1`,
        "<description>theirs</description>",
      );
      await client.ok(
        "UpdateVirtualSwitch",
        system,
        "<vswitchName>switch</vswitchName><spec><numPorts>128</numPorts><mtu>9000</mtu></spec>",
      );
      const port = "<name>group</name><vlanId>42</vlanId><vswitchName>switch</vswitchName><policy/>";
      await client.ok("UpdatePortGroup", system, `<pgName>group</pgName><portgrp>${port}</portgrp>`);
    });
  };

  const memoryOf = ({ host }: Lab, name: string) => host.vm(name).config.hardware.memoryMB;
  const expectTheirs = async (own: Lab) => {
    expect(["base", "scratch"].map((name) => memoryOf(own, name))).toEqual([128, 256]);
    expect(own.host.vm("scratch").config.annotation).toBe("theirs");
    expect(own.host.vm("clone").config.extraConfig).toContainEqual(
      expect.objectContaining({ key: "guestinfo.a", value: "theirs" }),
    );
    await own.host.until(() => own.host.simulator.sessions().length === 0, "Pulumi has gone");
    expect((await own.host.contents()).vms).toEqual([
      "base: poweredOff",
      "clone: poweredOff",
      "scratch: poweredOff",
      "student: poweredOff",
      "watched: poweredOff",
    ]);
    expect(await readFile(own.host.simulator.localFile(FILE), "utf8")).toBe("theirs");
    const network = await networkOf(own);
    for (const text of ["<mtu>9000</mtu>", "<vlanId>42</vlanId>"]) expect(network).toContain(text);
    const { moid } = own.host.vm("watched");
    expect(await asked(own, (client) => client.read(`VirtualMachine:${moid}`, "snapshot"))).toContain(
      "<description>theirs</description>",
    );
  };

  test("an update for something else leaves it alone, without a refresh too", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "seed");
    await declareResources(own, stack());
    expect(succeeded(await own.project.up()).steps).toEqual({ create: NAMES });
    await change(own);
    await declareResources(own, stack("second"));
    const { steps } = succeeded(await own.project.up());
    expect(steps).toMatchObject({ update: ["base", "clone", "student"] });
    await expectTheirs(own);
    expect(own.host.vm("base").config.annotation).toBe("second");
  });

  test("a refresh tells of it, the up after it leaves it alone, and what is not ignored is set right", async (context) => {
    const own = await lab(context);
    const run = succeeded(await own.project.start("up", { args: ["--refresh"] }).result);
    expect((await own.project.vmsInState()).get("base")?.outputs).toMatchObject({ memory: 128 });
    const { refresh, ...steps } = run.steps;
    expect(refresh).toEqual(NAMES);
    expect(steps).toEqual({ update: ["watched"], same: NAMES.filter((name) => name !== "watched") });
    await expectTheirs(own);
    expect(memoryOf(own, "watched")).toBe(64);
  });

  test("without the option it is set right again", async (context) => {
    const own = await lab(context);
    const watching = Object.entries(stack("third")).map(([name, { kind, args }]) => [name, { kind, args }]);
    await declareResources(own, Object.fromEntries(watching));
    const { steps } = succeeded(await own.project.up());
    expect(steps).toEqual({ update: NAMES.filter((name) => name !== "watched"), same: ["watched"] });
    expect(["base", "scratch"].map((name) => memoryOf(own, name))).toEqual([64, 64]);
    await own.host.until(() => own.host.simulator.sessions().length === 0, "Pulumi has gone");
    expect((await own.host.contents()).vms).toEqual([
      "base: poweredOff",
      "clone: poweredOn",
      "scratch: poweredOn",
      "student: poweredOff",
      "watched: poweredOff",
    ]);
    expect(await readFile(own.host.simulator.localFile(FILE), "utf8")).toBe("seed");
    expect(await networkOf(own)).toContain("<vlanId>7</vlanId>");
  });
});

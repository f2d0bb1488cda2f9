import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** Each test goes on where the one before it ended. */
describe("what happens to VMs behind Pulumi's back", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const vm = { ovaPath: tinyOva.path, annotation: "from Pulumi" };

  test("the first up says how to see it, and a refresh after nothing has happened tells of nothing", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ gone: vm, off: vm, renamed: vm, kept: vm });
    const { diagnostics } = succeeded(await project.up());
    expect(diagnostics).toEqual([
      { name: "", severity: "info", message: expect.stringContaining("`pulumi preview --refresh`") },
    ]);
    const { steps } = succeeded(await project.refresh());
    expect(steps).toEqual({ same: ["gone", "kept", "off", "renamed"] });
    await host.expectVms("gone: poweredOn", "kept: poweredOn", "off: poweredOn", "renamed: poweredOn");
  });

  test("refresh tells of a VM deleted, powered off and renamed, and of no other", async (context) => {
    const { host, project } = await lab(context);
    const { behindBack } = host.simulator;
    await behindBack.powerOff(host.vm("gone").moid);
    await behindBack.destroy(host.vm("gone").moid);
    await behindBack.powerOff(host.vm("off").moid);
    await behindBack.rename(host.vm("renamed").moid, "somebody-elses-idea");
    host.simulator.requests.clear();
    const { steps, output, diagnostics } = succeeded(await project.refresh());
    expect(steps).toEqual({ delete: ["gone"], same: ["kept"], update: ["off", "renamed"] });
    // What has happened, and not what a later update would do about it.
    expect(output).not.toContain("to update");
    expect(diagnostics.filter(({ severity }) => severity === "info")).toEqual(
      expect.arrayContaining([
        { name: "off", severity: "info", message: "changed on the host: powerOn true → false" },
        {
          name: "renamed",
          severity: "info",
          message: "changed on the host: name renamed → somebody-elses-idea",
        },
      ]),
    );
    const state = await project.vmsInState();
    expect([...state.keys()].sort()).toEqual(["kept", "off", "renamed"]);
    expect(state.get("off")?.outputs).toMatchObject({ powerState: "poweredOff" });
    expect(state.get("renamed")?.outputs).toMatchObject({ name: "somebody-elses-idea" });
    await host.expectVms("kept: poweredOn", "off: poweredOff", "somebody-elses-idea: poweredOn");
  });

  test("up makes the deleted one anew, powers the other on, and renames the third back", async (context) => {
    const { host, project } = await lab(context);
    const identities = () => ["kept", "off"].map((name) => host.vm(name).instanceUuid);
    const before = [...identities(), host.vm("somebody-elses-idea").instanceUuid];
    const preview = succeeded(await project.start("preview", { args: ["--refresh", "--diff"] }).result);
    expect(preview.output).toMatch(/update in place: name somebody-elses-idea → renamed/);
    expect(preview.output).toMatch(/update in place: powerOn false → true/);
    host.simulator.requests.clear();
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: ["gone"], same: ["kept"], update: ["off", "renamed"] });
    expect(host.count("nfc")).toBe(1);
    expect(host.count("PowerOffVM_Task")).toBe(0);
    expect([...identities(), host.vm("renamed").instanceUuid]).toEqual(before);
    await host.expectVms("gone: poweredOn", "kept: poweredOn", "off: poweredOn", "renamed: poweredOn");
  });

  test("refresh and destroy keep a VM that the host cannot read, and say why", async (context) => {
    const { host, project } = await lab(context);
    const { moid } = host.vm("kept");
    const before = (await project.vmsInState()).get("kept")?.outputs;
    host.simulator.behindBack.setUnreadable(moid, { state: "inaccessible" });
    const refreshed = succeeded(await project.refresh());
    expect(refreshed.steps).toEqual({ same: ["gone", "kept", "off", "renamed"] });
    const destroyed = await project.destroy();
    expect(destroyed.code).not.toBe(0);
    for (const { output } of [refreshed, destroyed]) {
      expect(output).toMatch(/"kept".*cannot read it now.*"inaccessible"/s);
    }
    expect((await project.vmsInState()).get("kept")?.outputs).toEqual(before);
    host.simulator.behindBack.setUnreadable(moid, undefined);
    succeeded(await project.up());
    await host.expectVms("gone: poweredOn", "kept: poweredOn", "off: poweredOn", "renamed: poweredOn");
  });

  test("destroy removes what is left when a VM is gone already", async (context) => {
    const { host, project } = await lab(context);
    await host.simulator.behindBack.powerOff(host.vm("gone").moid);
    await host.simulator.behindBack.destroy(host.vm("gone").moid);
    const { steps } = succeeded(await project.destroy());
    expect(steps).toEqual({ delete: ["gone", "kept", "off", "renamed"] });
    await host.expectEmpty();
  });
});

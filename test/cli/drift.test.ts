import { describe, expect, test } from "vitest";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** Each test goes on where the one before it ended. */
describe("what happens to VMs behind Pulumi's back", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const vm = { ovaPath: tinyOva.path, annotation: "from Pulumi" };

  const LEFT = ["kept", "off", "renamed", "unread"];
  const UNREADABLE = /"unread".*cannot read it now.*"inaccessible"/s;

  test("the first up says how to see it", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ gone: vm, off: vm, renamed: vm, unread: vm, kept: vm });
    const { diagnostics } = succeeded(await project.up());
    expect(diagnostics).toEqual([
      { name: "", severity: "info", message: expect.stringContaining("`pulumi preview --refresh`") },
    ]);
    await host.expectVms(...["gone", "kept", "off", "renamed", "unread"].map((name) => `${name}: poweredOn`));
  });

  test("refresh tells of a VM deleted, powered off and renamed, keeps one that the host cannot read, and tells of no other", async (context) => {
    const { host, project } = await lab(context);
    const { behindBack } = host.simulator;
    const before = await project.vmsInState();
    await behindBack.powerOff(host.vm("gone").moid);
    await behindBack.destroy(host.vm("gone").moid);
    await behindBack.powerOff(host.vm("off").moid);
    await behindBack.rename(host.vm("renamed").moid, "somebody-elses-idea");
    behindBack.setUnreadable(host.vm("unread").moid, { state: "inaccessible" });
    host.simulator.requests.clear();
    const { steps, output, diagnostics } = succeeded(await project.refresh());
    behindBack.setUnreadable(host.vm("unread").moid, undefined);
    expect(steps).toEqual({ delete: ["gone"], same: ["kept", "unread"], update: ["off", "renamed"] });
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
    expect(diagnostics.filter(({ name }) => name === "kept")).toEqual([]);
    expect(output).toMatch(UNREADABLE);
    const state = await project.vmsInState();
    expect([...state.keys()].sort()).toEqual(["kept", "off", "renamed", "unread"]);
    expect(state.get("unread")?.outputs).toEqual(before.get("unread")?.outputs);
    expect(state.get("off")?.outputs).toMatchObject({ powerState: "poweredOff" });
    expect(state.get("renamed")?.outputs).toMatchObject({ name: "somebody-elses-idea" });
    await host.expectVms(
      "kept: poweredOn",
      "off: poweredOff",
      "somebody-elses-idea: poweredOn",
      "unread: poweredOn",
    );
  });

  test("up makes the deleted one anew, powers the other on, and renames the third back", async (context) => {
    const { host, project } = await lab(context);
    const identities = () => ["kept", "off", "unread"].map((name) => host.vm(name).instanceUuid);
    const before = [...identities(), host.vm("somebody-elses-idea").instanceUuid];
    host.simulator.requests.clear();
    const { steps, diagnostics } = succeeded(await project.up());
    const told = diagnostics.map(({ name, message }) => `${name}: ${message}`);
    expect(told).toContain("renamed: update in place: name somebody-elses-idea → renamed");
    expect(told).toContain("off: update in place: powerOn false → true");
    expect(steps).toEqual({ create: ["gone"], same: ["kept", "unread"], update: ["off", "renamed"] });
    expect(host.count("nfc")).toBe(1);
    expect(host.count("PowerOffVM_Task")).toBe(0);
    expect([...identities(), host.vm("renamed").instanceUuid]).toEqual(before);
    await host.expectVms(...["gone", "kept", "off", "renamed", "unread"].map((name) => `${name}: poweredOn`));
  });

  test("destroy keeps a VM that the host cannot read and those whose files it may use, and says why", async (context) => {
    const { host, project } = await lab(context);
    const { behindBack } = host.simulator;
    const before = await project.vmsInState();
    await behindBack.powerOff(host.vm("gone").moid);
    await behindBack.destroy(host.vm("gone").moid);
    behindBack.setUnreadable(host.vm("unread").moid, { state: "inaccessible" });
    const { steps, output } = failed(
      await project.start("destroy", { args: ["--continue-on-error"] }).result,
    );
    behindBack.setUnreadable(host.vm("unread").moid, undefined);
    expect(steps).toEqual({ delete: ["gone"], "delete failed": LEFT });
    expect(output).toMatch(UNREADABLE);
    const left = await project.vmsInState();
    expect([...left.keys()].sort()).toEqual(LEFT);
    expect(left.get("unread")?.outputs).toEqual(before.get("unread")?.outputs);
    await host.expectVms(...LEFT.map((name) => `${name}: poweredOn`));
  });

  test("destroy removes what is left when a VM is gone already", async (context) => {
    const { host, project } = await lab(context);
    await host.simulator.behindBack.powerOff(host.vm("off").moid);
    await host.simulator.behindBack.destroy(host.vm("off").moid);
    expect(succeeded(await project.destroy()).steps).toEqual({ delete: LEFT });
    await host.expectEmpty();
  });
});

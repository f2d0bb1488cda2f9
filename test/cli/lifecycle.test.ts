import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { buildOva } from "../support/ova-builder.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const LIMIT = { timeout: 120_000 };

/** Each test goes on where the one before it ended, as a user does. */
describe("the committed stack on a host", LIMIT, () => {
  const lab = sharedLab({ committedStack: true });
  const names = (count: number) => Array.from({ length: count }, (_, index) => `tiny-${index + 1}`);
  const running = (count: number) => names(count).map((name) => `${name}: poweredOn`);

  test("up makes three VMs that run, each with the OVA's bytes", async (context) => {
    const { host, project } = await lab(context);
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: names(3) });
    expect(host.count("nfc")).toBe(3);
    expect(host.count("Login")).toBe(1);
    for (const name of names(3)) expect(await host.rawDisk(name)).toEqual(tinyOva.rawSha256);
    await host.expectVms(...running(3));
  });

  test("up again, with the same OVA at another path, has nothing to do and does not ask the host", async (context) => {
    const { host, project } = await lab(context);
    host.simulator.requests.clear();
    await copyFile(tinyOva.path, join(project.folder, "moved.ova"));
    await project.setConfig({ "ova:path": "moved.ova" });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ same: names(3) });
    expect(host.count()).toBe(0);
  });

  test("a count of five makes two more and leaves the three alone", async (context) => {
    const { host, project } = await lab(context);
    const before = names(3).map((name) => host.vm(name).instanceUuid);
    host.simulator.requests.clear();
    await project.setConfig({ "ova:numInstances": "5" });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ same: names(3), create: ["tiny-4", "tiny-5"] });
    expect(host.count("nfc")).toBe(2);
    expect(host.count("ReconfigVM_Task")).toBe(2);
    expect(names(3).map((name) => host.vm(name).instanceUuid)).toEqual(before);
    await host.expectVms(...running(5));
  });

  test("a count of two deletes the other three, and changed memory is changed in place, with one power cycle of each VM", async (context) => {
    const { host, project } = await lab(context);
    const identities = () =>
      names(2).map((name) => {
        const { moid, instanceUuid, uuid, config } = host.vm(name);
        return { moid, instanceUuid, uuid, memory: config.hardware.memoryMB };
      });
    const before = identities();
    host.simulator.requests.clear();
    await project.setConfig({ "ova:numInstances": "2", "ova:memory": "256" });
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ update: names(2), delete: ["tiny-3", "tiny-4", "tiny-5"] });
    expect(identities()).toEqual(before.map((vm) => ({ ...vm, memory: 256 })));
    expect(host.count("nfc")).toBe(0);
    // Those that go are powered off, too.
    const stops = host.count("PowerOffVM_Task") + host.count("ShutdownGuest");
    expect({ stops, starts: host.count("PowerOnVM_Task") }).toEqual({ stops: 5, starts: 2 });
    await host.expectVms(...running(2));
  });

  test("a changed OVA replaces each VM, the old one deleted first", async (context) => {
    const { host, project } = await lab(context);
    const before = names(2).map((name) => host.vm(name).instanceUuid);
    await project.write("changed.ova", buildOva().ova);
    await project.setConfig({ "ova:path": "changed.ova" });
    const { steps } = succeeded(await project.up());
    expect(steps).toMatchObject({ "delete-replaced": names(2), "create-replacement": names(2) });
    const after = names(2).map((name) => host.vm(name).instanceUuid);
    expect(after.filter((uuid) => before.includes(uuid))).toEqual([]);
    await host.expectVms(...running(2));
  });
});

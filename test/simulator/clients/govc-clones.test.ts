import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import { need } from "../../support/prerequisites.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { guestDigest } from "../vm/snapshot/linked-vm.ts";
import { Govc } from "./govc.ts";

/** A host with one VM, imported by govc. */
async function start(context: TestContext): Promise<{ host: SimulatedHost; govc: Govc }> {
  const program = await need(context, "TEST_GOVC");
  const host = await SimulatedHost.start();
  onTestFinished(() => host.stop());
  const govc = await Govc.open(program, host, host.password);
  onTestFinished(() => govc.close());
  await govc.run("import.ova", "-name", "alpha", tinyOva.path);
  return { host, govc };
}

describe("govc clones by hand", () => {
  test("a linked disk", async (context) => {
    const { host, govc } = await start(context);
    const [base = ""] = host.diskPaths("alpha");
    const disk = base.replace("[datastore1] ", "");
    await govc.run(
      "vm.create",
      "-on=false",
      "-c=1",
      "-m=64",
      "-disk",
      disk,
      "-link=true",
      "-net=VM Network",
      "linked",
    );
    const [linked = ""] = host.diskPaths("linked");
    expect(linked).not.toBe(base);
    expect(await guestDigest(host.simulator, linked)).toBe(await guestDigest(host.simulator, base));
    expect(await govc.run("device.info", "-json", "-vm", "linked", "disk-*")).toContain(
      `"fileName": "${base}"`,
    );
    await govc.run("vm.power", "-on", "linked");
    expect(host.vm("linked").powerState).toBe("poweredOn");
  });

  test("a full copy of a disk", async (context) => {
    const { host, govc } = await start(context);
    const [base = ""] = host.diskPaths("alpha");
    await govc.run("datastore.mkdir", "copy");
    await govc.run("datastore.cp", base.replace("[datastore1] ", ""), "copy/copy.vmdk");
    expect(await guestDigest(host.simulator, "[datastore1] copy/copy.vmdk")).toBe(
      await guestDigest(host.simulator, base),
    );
    await govc.run(
      "vm.create",
      "-on=true",
      "-c=1",
      "-m=64",
      "-disk",
      "copy/copy.vmdk",
      "-link=false",
      "-net=VM Network",
      "copy",
    );
    expect(host.vm("copy").powerState).toBe("poweredOn");
  });

  test("snapshots", async (context) => {
    const { host, govc } = await start(context);
    const before = await guestDigest(host.simulator, host.diskPaths("alpha")[0] ?? "");
    await govc.run("snapshot.create", "-vm", "alpha", "-m=false", "first");
    await govc.run("vm.power", "-on", "alpha");
    await host.simulator.writeAsGuest(host.vm("alpha").moid, { offsetBytes: 4096, data: randomBytes(4096) });
    await govc.run("snapshot.create", "-vm", "alpha", "-m=false", "second");
    expect((await govc.run("snapshot.tree", "-vm", "alpha")).trim().split(/\s+/)).toEqual(
      expect.arrayContaining(["first", "second"]),
    );
    await govc.run("snapshot.revert", "-vm", "alpha", "first");
    expect(host.vm("alpha").powerState).toBe("poweredOff");
    expect(await guestDigest(host.simulator, host.diskPaths("alpha")[0] ?? "")).toBe(before);
    await govc.run("snapshot.remove", "-vm", "alpha", "*");
    expect(await guestDigest(host.simulator, host.diskPaths("alpha")[0] ?? "")).toBe(before);
    expect((await host.simulator.files("datastore1")).filter((file) => /-\d{6}/.test(file))).toEqual([]);
  });

  test("a registered copy, whose question it answers", async (context) => {
    const { govc } = await start(context);
    await govc.run("vm.power", "-on", "alpha");
    await govc.run("vm.power", "-off", "-force", "alpha");
    await govc.run("datastore.mkdir", "beta");
    await govc.run("datastore.cp", "alpha/alpha.vmx", "beta/beta.vmx");
    await govc.run("vm.register", "-name", "beta", "beta/beta.vmx");
    const starting = govc.try("vm.power", "-on", "beta");
    await expect
      .poll(() => govc.run("vm.question", "-vm", "beta"), { timeout: 20_000 })
      .toContain("msg.uuid.altered");
    expect(await govc.run("vm.question", "-vm", "beta")).toMatch(/2\) I _Copied It/);
    await govc.run("vm.question", "-vm", "beta", "-answer", "2");
    // Nobody has copied its disk.
    expect((await starting).stderr).toContain("File [datastore1] beta/alpha.vmdk was not found");
  });

  test("services", async (context) => {
    const { govc } = await start(context);
    expect(await govc.run("host.service.ls")).toMatch(/^TSM-SSH +off +Stopped/m);
    await govc.run("host.service", "start", "TSM-SSH");
    expect(await govc.run("host.service.ls")).toMatch(/^TSM-SSH +off +Running/m);
    await govc.run("host.service", "stop", "TSM-SSH");
    expect(await govc.run("host.service.ls")).toMatch(/^TSM-SSH +off +Stopped/m);
  });
});

import { describe, expect, test } from "vitest";
import { failed, openLab, sharedLab, succeeded } from "../support/lab.ts";
import { virtualBoxExport } from "../support/virtualbox-export.ts";
import { declareClones } from "./clone-program.ts";

describe("an OVA that VirtualBox has exported", { timeout: 120_000 }, () => {
  const lab = sharedLab();

  test("is refused at preview with all obstacles, and with relax each change is told and the machine starts", async (context) => {
    const { host, project } = await lab(context);
    const ova = virtualBoxExport({ sound: true, cdroms: [{ on: "ide", at: 1 }], adapters: ["virtio"] });
    const ovaPath = await project.write("box.ova", ova);
    const args = { ovaPath, ovfNetworkMap: { NAT: "VM Network" } };
    await project.declare({ box: args });
    const refused = failed(await project.preview()).diagnostics.map(({ message }) => message);
    for (const text of [
      "virtualbox-2.2",
      "is of the type AHCI",
      "is of the type virtio",
      "sound card",
      "With relax: true",
    ]) {
      expect(refused.filter((message) => message.includes(text))).toHaveLength(1);
    }
    await host.expectEmpty();

    await project.declare({ box: { ...args, relax: true } });
    for (const operation of ["preview", "up"] as const) {
      const { diagnostics } = succeeded(await project[operation]());
      const warned = diagnostics.filter(({ severity }) => severity === "warning");
      expect(new Set(warned.map(({ name }) => name)), operation).toEqual(new Set(["box"]));
      expect(warned.map(({ message }) => message).join("\n"), operation).toMatch(
        /changed for the host by relax: .*box\.ova, line \d+: its hardware is of the family virtualbox-2\.2/,
      );
    }
    expect((await host.contents()).vms).toEqual(["box: poweredOn"]);
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
  });

  test("is the base of a fleet, whose clones start too", async (context) => {
    const own = await openLab(context);
    const { host, project } = own;
    const ovaPath = await project.write("box.ova", virtualBoxExport({ sound: true, adapters: ["virtio"] }));
    const ova = { ovaPath, ovfNetworkMap: { NAT: "VM Network" } };
    const declare = (relax: boolean) =>
      declareClones(own, { fleets: { student: { source: { ova: { ...ova, relax } }, count: 2 } } });
    await declare(false);
    const refused = failed(await project.preview()).diagnostics.map(({ message }) => message);
    expect(refused.filter((message) => message.includes("With relax: true"))).toHaveLength(1);
    await host.expectEmpty();

    await declare(true);
    const { diagnostics } = succeeded(await project.up());
    const told = diagnostics.filter(({ message }) => message.includes("changed for the host by relax"));
    expect(new Set(told.map(({ name }) => name))).toEqual(new Set(["student-base"]));
    await host.expectVms("student-base: poweredOff", "student-1: poweredOn", "student-2: poweredOn");
    expect(host.vm("student-2").config.version).toBe(host.vm("student-base").config.version);
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

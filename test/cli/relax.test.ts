import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { type VirtualBoxMachine, virtualBoxExport } from "../support/virtualbox-export.ts";
import { declareClones } from "./clone-program.ts";

describe("an OVA that VirtualBox has exported", { timeout: 120_000 }, () => {
  const lab = sharedLab();

  const OBSTACLES = [
    "virtualbox-2.2",
    "is of the type AHCI",
    "is of the type virtio",
    "sound card",
    "With relax: true",
  ];

  /** A machine of its own, and the base of a fleet. */
  async function declare(own: Lab, relax: boolean): Promise<void> {
    const [box, base] = [{ cdroms: [{ on: "ide", at: 1 }] }, {}] as const;
    const args = async (name: string, machine: VirtualBoxMachine) => {
      const ova = virtualBoxExport({ sound: true, adapters: ["virtio"], ...machine });
      const ovaPath = await own.project.write(name, ova);
      return { ovaPath, ovfNetworkMap: { NAT: "VM Network" }, ...(relax && { relax }) };
    };
    await declareClones(own, {
      // What is refused stops a program.
      ovas: relax ? { box: await args("box.ova", box) } : {},
      fleets: { student: { source: { ova: await args("base.ova", base) }, count: 2 } },
    });
  }

  test("is refused at preview with all obstacles, each told once", async (context) => {
    const own = await lab(context);
    await declare(own, false);
    const refused = failed(await own.project.preview()).diagnostics.map(({ message }) => message);
    for (const text of OBSTACLES) {
      expect(
        refused.filter((message) => message.includes(text)),
        text,
      ).toHaveLength(1);
    }
    await own.host.expectEmpty();
  });

  test("with relax each change is told and the machine starts; clones of such a base start too", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    await declare(own, true);
    const { diagnostics } = succeeded(await project.up());
    const warned = diagnostics.filter(({ severity }) => severity === "warning");
    expect(new Set(warned.map(({ name }) => name))).toEqual(new Set(["box", "student-base"]));
    for (const [name, ova] of [
      ["box", "box"],
      ["student-base", "base"],
    ]) {
      const told = warned.filter((one) => one.name === name).map(({ message }) => message);
      expect(told.join("\n")).toMatch(
        new RegExp(
          `changed for the host by relax: .*${ova}\\.ova, line \\d+: its hardware is of the family virtualbox-2\\.2`,
        ),
      );
    }
    await host.expectVms(
      "box: poweredOn",
      "student-base: poweredOff",
      "student-1: poweredOn",
      "student-2: poweredOn",
    );
    expect(host.vm("student-2").config.version).toBe(host.vm("student-base").config.version);
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
  });
});

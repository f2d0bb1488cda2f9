import { describe, expect, test } from "vitest";
import { failed, openLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

describe("a machine that is there already", { timeout: 180_000 }, () => {
  test("is compared at the preview with what the program says only, and taken over as it is", async (context) => {
    const lab = await openLab(context);
    const { host, project } = lab;
    await project.declare({ web: { ovaPath: tinyOva.path, powerOn: false, memory: 256 } });
    succeeded(await project.up());
    await project.editState((resources) => resources.filter(({ urn }) => !urn.endsWith("::web")));
    const { instanceUuid, config } = host.vm("web");

    const declare = (args: Readonly<Record<string, unknown>>) =>
      declareResources(lab, { mine: { kind: "ScratchVm", args } });
    await declare({ adopt: { name: "web" }, memory: 512, powerOn: true });
    const told = failed(await project.preview());
    expect(told.output).toContain("memory: the machine has 256, the program says 512");
    expect(told.output).toContain("powerOn: the machine has false, the program says true");
    expect(told.output).not.toContain("numCpus");

    await declare({ adopt: { name: "web" } });
    expect(succeeded(await project.up()).steps).toEqual({ create: ["mine"] });
    expect(host.vm("web")).toMatchObject({ instanceUuid, powerState: "poweredOff" });
    expect(host.vm("web").config.hardware.memoryMB).toBe(config.hardware.memoryMB);

    // The argument may go; the machine is still none that was made by default.
    await declare({ name: "web", annotation: "ours" });
    expect(succeeded(await project.up()).steps).toEqual({ update: ["mine"] });
    expect(host.vm("web")).toMatchObject({ instanceUuid, powerState: "poweredOff" });
    expect(host.vm("web").config.hardware.memoryMB).toBe(256);
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

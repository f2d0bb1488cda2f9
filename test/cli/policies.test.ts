import { chmod, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";
import { networkOf } from "./raw-host.ts";

/**
 * What runs the pack. Older language hosts run none, among them the one that is built where no release can be had; for a
 * runtime that has no language host, Pulumi runs this.
 */
const RUNNER = "pulumi-analyzer-policy-node-here";
const SCRIPT = `#!/bin/sh
exec node "$(node -p "require.resolve('@pulumi/pulumi/cmd/run-policy-pack')")" "$@"
`;

const PACK = `
const esxi = require("pulumi-esxi-direct");
const { PolicyPack, validateResourceOfType, validateStackResourcesOfType } = require("@pulumi/policy");
new PolicyPack("course", {
  policies: [
    {
      name: "small",
      description: "Machines are small.",
      enforcementLevel: "mandatory",
      validateResource: validateResourceOfType(esxi.OvaDeployment, (vm, args, report) => {
        if (vm.memory > 1024) report(args.name + " asks for " + vm.memory + " MB");
      }),
    },
    {
      name: "few",
      description: "There are few networks.",
      enforcementLevel: "mandatory",
      validateStack: validateStackResourcesOfType(esxi.PortGroup, (groups, args, report) => {
        if (groups.length > 1) report("networks: " + groups.map(({ name, vlanId }) => name + " " + vlanId).sort());
      }),
    },
  ],
});
`;

/** Each test goes on where the one before it ended. */
describe("a policy pack", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const vm = { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, memory: 64, powerOn: false } };
  const group = (vlanId: number) => ({ kind: "PortGroup", args: { virtualSwitch: "vSwitch0", vlanId } });

  const withPack = ({ project }: Lab, operation: "preview" | "up") =>
    project.start(operation, {
      args: ["--policy-pack", join(project.folder, "policy")],
      env: { PATH: [project.folder, project.environment.PATH].join(delimiter) },
    }).result;

  test("gets resources by their classes, with typed properties, and sees the whole stack", async (context) => {
    const { host, project } = await lab(context);
    const pack = join(project.folder, "policy");
    await mkdir(pack);
    await chmod(await project.write(RUNNER, SCRIPT), 0o755);
    await project.write("policy/PulumiPolicy.yaml", "runtime: node-here\nmain: index.js\n");
    await project.write("policy/package.json", '{ "name": "course", "version": "1.0.0" }\n');
    await project.write("policy/index.js", PACK);
    const large = { ...vm, args: { ...vm.args, memory: 2048 } };
    await declareResources({ host, project }, { vm: large, one: group(1), two: group(2) });
    const { output } = failed(await withPack({ host, project }, "preview"));
    expect(output).toContain("vm asks for 2048 MB");
    expect(output).not.toContain("one asks");
    expect(output).toContain("networks: one 1,two 2");
  });

  test("lets through what keeps to it", async (context) => {
    const { host, project } = await lab(context);
    await declareResources({ host, project }, { vm, one: group(1) });
    expect(succeeded(await withPack({ host, project }, "up")).steps).toEqual({ create: ["one", "vm"] });
    await host.expectVms("vm: poweredOff");
    const network = await networkOf({ host, project });
    expect(network).toContain("<name>one</name>");
    expect(network).not.toContain("<name>two</name>");
  });
});

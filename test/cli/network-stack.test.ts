import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { asked, networkOf } from "./raw-host.ts";

const PROGRAM = `import { readFileSync } from "node:fs";
import { OvaDeployment, PortGroup, ResourcePool, VirtualSwitch } from "pulumi-esxi-direct";
const { vlanId = 42, mtu = 1500, port = true } = JSON.parse(readFileSync(new URL("stack.json", import.meta.url), "utf8"));
const isolated = new VirtualSwitch("isolated", { mtu });
const exam = new PortGroup("exam", { virtualSwitch: isolated.name, vlanId });
const lab = port ? new PortGroup("lab", { virtualSwitch: isolated.name, vlanId: 42 }) : { name: "lab" };
const students = new ResourcePool("students", { memoryLimit: 4096 });
const group = new ResourcePool("group-1", { parentResourcePool: students.path });
for (const [name, network] of [["running", lab], ["stopped", lab], ["sitting", exam]])
  new OvaDeployment(name, {
    ovaPath: ${JSON.stringify(tinyOva.path)},
    resourcePool: group.path,
    networkInterfaces: [{ network: network.name }],
    powerOn: name !== "stopped",
  });
`;

async function declare({ project }: Lab, stack: Record<string, unknown>): Promise<void> {
  await project.write("index.js", PROGRAM);
  await project.write("stack.json", JSON.stringify(stack));
}

const ALL = ["exam", "group-1", "isolated", "lab", "running", "sitting", "stopped", "students"];

/** Each test goes on where the one before it ended. */
describe("a stack with its own network and pools", { timeout: 120_000 }, () => {
  const lab = sharedLab();

  test("up makes them in order, and the VMs on them in the same run", async (context) => {
    const own = await lab(context);
    await declare(own, {});
    expect(succeeded(await own.project.up()).steps).toEqual({ create: ALL });
    await own.host.expectVms("running: poweredOn", "sitting: poweredOn", "stopped: poweredOff");
    const network = await networkOf(own);
    for (const name of ["lab", "exam"]) {
      expect(network).toContain(`<name>${name}</name><vlanId>42</vlanId><vswitchName>isolated</vswitchName>`);
    }
    const read = (target: string) => asked(own, (client) => client.read(target, "vm"));
    const users = {
      "Network:HaNetwork-lab": ["running", "stopped"],
      "Network:HaNetwork-exam": ["sitting"],
      "ResourcePool:pool2": ["running", "stopped", "sitting"],
    };
    for (const [target, vms] of Object.entries(users))
      for (const name of vms) expect(await read(target)).toContain(`>${own.host.vm(name).moid}<`);
  });

  test("a change is made in place; a port group that VMs are on stays, and the message names them", async (context) => {
    const own = await lab(context);
    await declare(own, { vlanId: 7, mtu: 9000, port: false });
    const { steps, output } = failed(await own.project.up());
    expect(steps).toEqual({
      update: ["exam", "isolated"],
      same: ["group-1", "running", "sitting", "stopped", "students"],
      "delete failed": ["lab"],
    });
    expect(output).toContain(
      'the port group "lab" is used by the VM "running", the VM "stopped" and was left alone',
    );
    const network = await networkOf(own);
    expect(network).toContain("<name>exam</name><vlanId>7</vlanId>");
    expect(network).toContain("<mtu>9000</mtu>");
    expect(network).toContain("<name>lab</name>");
  });

  test("up again has nothing to do, also when it refreshes first", async (context) => {
    const own = await lab(context);
    await declare(own, { vlanId: 7, mtu: 9000 });
    const { steps } = succeeded(await own.project.start("up", { args: ["--refresh"] }).result);
    expect(steps).toEqual({ refresh: ALL, same: ALL });
  });

  test("destroy leaves the host as it was", async (context) => {
    const own = await lab(context);
    expect(succeeded(await own.project.destroy()).steps).toEqual({ delete: ALL });
    await own.host.expectEmpty();
    expect(await networkOf(own)).not.toMatch(/<name>(lab|exam|isolated)</);
    const pools = await asked(own, (client) => client.read("ResourcePool:ha-root-pool", "resourcePool"));
    expect(pools).not.toContain("pool1");
  });
});

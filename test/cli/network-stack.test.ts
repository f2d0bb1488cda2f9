import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { asked, networkOf } from "./raw-host.ts";

const PROGRAM = `import { readFileSync } from "node:fs";
import { OvaDeployment, PortGroup, ResourcePool, VirtualSwitch } from "pulumi-esxi-direct";
const { vlanId = 42, mtu = 1500, vms = [], port = true } = JSON.parse(readFileSync(new URL("stack.json", import.meta.url), "utf8"));
const isolated = new VirtualSwitch("isolated", { mtu });
const lab = port ? new PortGroup("lab", { virtualSwitch: isolated.name, vlanId }) : { name: "lab" };
const students = new ResourcePool("students", { memoryLimit: 4096 });
const group = new ResourcePool("group-1", { parentResourcePool: students.path });
for (const name of vms)
  new OvaDeployment(name, {
    ovaPath: ${JSON.stringify(tinyOva.path)},
    resourcePool: group.path,
    networkInterfaces: [{ network: lab.name }],
    powerOn: name === "running",
  });
`;

async function declare({ project }: Lab, stack: Record<string, unknown>): Promise<void> {
  await project.write("index.js", PROGRAM);
  await project.write("stack.json", JSON.stringify(stack));
}

const NAMES = ["group-1", "isolated", "lab", "students"];

/** Each test goes on where the one before it ended. */
describe("a stack with its own network and pools", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const vms = ["running", "stopped"];

  test("up makes them in order, and the VMs on them in the same run", async (context) => {
    const own = await lab(context);
    await declare(own, { vms });
    expect(succeeded(await own.project.up()).steps).toEqual({ create: [...NAMES, ...vms].sort() });
    await own.host.expectVms("running: poweredOn", "stopped: poweredOff");
    expect(await networkOf(own)).toContain(
      "<name>lab</name><vlanId>42</vlanId><vswitchName>isolated</vswitchName>",
    );
    const moids = own.host.simulator.vms().map(({ moid }) => moid);
    const read = (target: string) => asked(own, (client) => client.read(target, "vm"));
    for (const target of ["Network:HaNetwork-lab", "ResourcePool:pool2"])
      for (const moid of moids) expect(await read(target)).toContain(`>${moid}<`);
  });

  test("up again has nothing to do, and neither after a refresh", async (context) => {
    const { project } = await lab(context);
    const same = { same: [...NAMES, ...vms].sort() };
    expect(succeeded(await project.up()).steps).toEqual(same);
    succeeded(await project.refresh());
    expect(succeeded(await project.up()).steps).toEqual(same);
  });

  test("a change is made in place", async (context) => {
    const own = await lab(context);
    await declare(own, { vms, vlanId: 7, mtu: 9000 });
    expect(succeeded(await own.project.up()).steps).toMatchObject({ update: ["isolated", "lab"] });
    expect(await networkOf(own)).toContain("<vlanId>7</vlanId>");
    expect(await networkOf(own)).toContain("<mtu>9000</mtu>");
  });

  test("a port group that VMs are on stays, and the message names them", async (context) => {
    const own = await lab(context);
    await declare(own, { vms, vlanId: 7, mtu: 9000, port: false });
    expect(failed(await own.project.up()).output).toContain(
      'the port group "lab" is used by the VM "running", the VM "stopped" and was left alone',
    );
    expect(await networkOf(own)).toContain("<name>lab</name>");
  });

  test("destroy leaves the host as it was", async (context) => {
    const own = await lab(context);
    await declare(own, { vms, vlanId: 7, mtu: 9000 });
    succeeded(await own.project.up());
    expect(succeeded(await own.project.destroy()).steps).toEqual({ delete: [...NAMES, ...vms].sort() });
    await own.host.expectEmpty();
    expect(await networkOf(own)).not.toMatch(/<name>(lab|isolated)</);
    const pools = await asked(own, (client) => client.read("ResourcePool:ha-root-pool", "resourcePool"));
    expect(pools).not.toContain("pool1");
  });
});

import { describe, expect, test } from "vitest";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** Each thing that another resource takes, with something of it that changes in place. */
const PROGRAM = `import { readFileSync } from "node:fs";
import * as esxi from "pulumi-esxi-direct";
const said = JSON.parse(readFileSync(new URL("said.json", import.meta.url), "utf8"));
const ovaPath = ${JSON.stringify(tinyOva.path)};
const golden = new esxi.OvaDeployment("golden", { ovaPath, powerOn: false, annotation: said.annotation });
for (const name of ["one", "two"]) new esxi.DatastoreClone(name, { source: golden, mode: "linked", powerOn: false });
const full = new esxi.DatastoreClone("full", { source: golden.instanceUuid, annotation: said.annotation, powerOn: false });
new esxi.VmSnapshot("clean", { vm: full, description: said.description });
new esxi.DatastoreClone("of-full", { source: full, powerOn: false });
const folder = new esxi.DatastoreFolder("iso", { path: "iso", forceDestroy: said.forceDestroy });
const iso = new esxi.DatastoreFile("seed", { path: "iso/seed.iso", source: said.iso }, { dependsOn: folder });
const lan = new esxi.PortGroup("lan", { virtualSwitch: "vSwitch0", vlanId: said.vlanId });
new esxi.ScratchVm("box", {
  disks: [{ size: 1 }],
  cdroms: [{ iso: iso.datastorePath }],
  networkInterfaces: [{ network: lan.name }],
  powerOn: false,
});
`;

interface Said {
  readonly annotation: string;
  readonly description: string;
  readonly forceDestroy: boolean;
  readonly iso: string;
  readonly vlanId: number;
}

const FIRST: Said = { annotation: "a", description: "a", forceDestroy: false, iso: "first.iso", vlanId: 1 };

async function say({ project }: Lab, said: Said): Promise<void> {
  await project.write("first.iso", "first");
  await project.write("second.iso", "second");
  await project.write("index.js", PROGRAM);
  await project.write("said.json", JSON.stringify(said));
}

const THEN: Said = { annotation: "b", description: "b", forceDestroy: true, iso: "second.iso", vlanId: 2 };

/** Each test goes on where the one before it ended. */
describe("what changes in place on one resource shows nothing on those that take it", {
  timeout: 120_000,
}, () => {
  const lab = sharedLab();

  test("up makes them", async (context) => {
    const { host, project } = await lab(context);
    await say({ host, project }, FIRST);
    succeeded(await project.up());
  });

  test("up does what the preview of all of it says, and the host has the same machines", async (context) => {
    const { host, project } = await lab(context);
    const before = host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    await say({ host, project }, THEN);
    const { steps: told } = succeeded(await project.preview());
    const { steps: done } = succeeded(await project.up());
    expect(told).toEqual(done);
    expect(done.update).toEqual(["clean", "full", "golden", "iso", "lan", "seed"]);
    expect(host.simulator.vms().map(({ instanceUuid }) => instanceUuid)).toEqual(before);
  });

  test("destroy leaves nothing", async (context) => {
    const { host, project } = await lab(context);
    succeeded(await project.destroy());
    await host.expectVms();
  });
});

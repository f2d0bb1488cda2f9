import { readFile, writeFile } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** A golden machine that another stack has made; then a program that looks it up. */
const OTHERS = `import { OvaDeployment } from "pulumi-esxi-direct";
new OvaDeployment("golden", { ovaPath: ${JSON.stringify(tinyOva.path)}, powerOn: false });
`;

const PROGRAM = `import { readFileSync } from "node:fs";
import { DatastoreClone, getDatastore, getHost, getNetwork, getVm, getVms } from "pulumi-esxi-direct";
const { source } = JSON.parse(readFileSync(new URL("look-ups.json", import.meta.url), "utf8"));
const golden = getVm({ name: source });
const clone = new DatastoreClone("student", { source: golden.instanceUuid, memory: golden.memory });
export const version = getHost().version;
export const hosts = [getHost().hostUuid, getHost({ host: "lab2" }).hostUuid];
export const machines = getVms({ namePattern: "*" }).apply((vms) => vms.map(({ name }) => name));
export const made = getVm({ name: clone.name }).vmxPath;
export const after = getVms({}, { dependsOn: clone }).apply((vms) => vms.map(({ name }) => name));
export const network = getNetwork({ name: "lab-net" }).virtualSwitch;
export const type = getDatastore({ name: "datastore1" }).type;
export const annotation = golden.annotation;
`;

async function declareLookUps({ project }: Lab, source: string): Promise<void> {
  await project.write("index.js", PROGRAM);
  await project.write("look-ups.json", JSON.stringify({ source }));
}

const isWrite = ({ method }: { readonly method: string }) =>
  !/^(Retrieve|Continue|Login$|Logout$)/.test(method);

/** Each test goes on where the one before it ended. */
describe("a program that looks up what is on its hosts", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  let other: SimulatedHost | undefined;
  afterAll(() => other?.stop());
  /** What the stack exports. */
  const outputs = async (own: Lab) => {
    const { checkpoint } = JSON.parse(await readFile(own.project.stateFile(), "utf8")) as {
      checkpoint: { latest: { resources: { type: string; outputs?: Record<string, unknown> }[] } };
    };
    return checkpoint.latest.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  };

  test("preview knows the values, makes nothing, and does not log in twice", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    other = await SimulatedHost.start();
    const empty = await readFile(own.project.stateFile());
    await project.write("index.js", OTHERS);
    succeeded(await project.up());
    await writeFile(own.project.stateFile(), empty);
    await host.expectVms("golden: poweredOff");
    await project.useHosts({ lab2: other });
    host.simulator.requests.clear();

    await declareLookUps(own, "golden");
    const { output, steps } = succeeded(await project.preview());

    expect(output).toContain('version   : "8.0.3"');
    expect(output).toContain(`"${host.simulator.hostUuid}"`);
    expect(output).toContain(`"${other.simulator.hostUuid}"`);
    expect(output).toContain('network   : "vSwitch0"');
    expect(output).toMatch(/machines *: \[\n[ +]*\[0\]: "golden"\n *\]/);
    expect(output).toMatch(/made *: \[unknown\]/);
    expect(steps.create).toEqual(["student"]);
    expect(host.count("Login")).toBe(1);
    expect(host.simulator.requests.entries().filter(isWrite)).toEqual([]);
    await host.expectVms("golden: poweredOff");
    await other.expectEmpty();
  });

  test("up clones what was looked up, and looks up what it has made", async (context) => {
    const { host, project } = await lab(context);
    const { steps } = succeeded(await project.up());
    expect(steps.create).toEqual(["student"]);
    expect(await outputs({ host, project })).toMatchObject({
      machines: ["golden"],
      made: host.vm("student").vmxPath,
      after: ["golden", "student"],
      type: "VMFS",
    });
    expect(await host.rawDisk("student")).toBe(tinyOva.rawSha256);
    await host.expectVms("golden: poweredOff", "student: poweredOn");
  });

  test("a refresh tells what is there now, and up again changes no resource", async (context) => {
    const { host, project } = await lab(context);
    const { moid } = host.vm("golden");
    await host.simulator.behindBack.reconfigure(moid, { annotation: "seen by refresh" });
    succeeded(await project.refresh());
    const found = (await project.vmsInState()).get("golden");
    expect(found).toMatchObject({
      type: "pulumi-nodejs:esxi:getVm",
      external: true,
      outputs: { result: { annotation: "seen by refresh" } },
    });
    const { steps, output } = succeeded(await project.up());
    expect(steps).toMatchObject({ same: ["student"] });
    expect(output).toContain("seen by refresh");
  });

  test("a wrong name is an error at preview that guesses what was meant", async (context) => {
    const { host, project } = await lab(context);
    await declareLookUps({ host, project }, "goldn");
    const { output } = failed(await project.preview());
    expect(output).toContain('no virtual machine named "goldn": did you mean "golden"?');
    expect(output).not.toMatch(/^ +at /m);
    await host.expectVms("golden: poweredOff", "student: poweredOn");
  });

  test("no password is in state or output", async (context) => {
    const own = await lab(context);
    const state = await readFile(own.project.stateFile(), "utf8");
    expect(state).toContain("student");
    expect(state + own.project.said.join("\n")).not.toContain(own.host.password);
  });

  test("destroy leaves alone what was only looked up, also when that is gone", async (context) => {
    const { host, project } = await lab(context);
    await host.simulator.behindBack.rename(host.vm("golden").moid, "platinum");
    const { steps } = succeeded(await project.destroy());
    expect(steps.delete).toContain("student");
    await host.expectVms("platinum: poweredOff");
    expect([...(await project.vmsInState()).keys()]).toEqual([]);
  });
});

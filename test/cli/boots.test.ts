import { expect, type TestContext, test } from "vitest";
import { failed, type Lab, openLab, succeeded } from "../support/lab.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];
const HOUR_MS = 3_600_000;

const PROGRAM = `import { ScratchVm } from "pulumi-esxi-direct";
for (const name of ${JSON.stringify(NAMES)})
  new ScratchVm(name, { memory: 64, networkInterfaces: [{ network: "VM Network" }] });
`;

/** A host of which two guests may boot at once. */
async function twoAtOnce(context: TestContext, guestAddressDelayMs: number): Promise<Lab> {
  const lab = await openLab(context, { simulator: { guestAddressDelayMs } });
  await lab.project.write("index.js", PROGRAM);
  await lab.project.setConfig({ "esxi:maxBoots": "2" });
  return lab;
}

const on = ({ host }: Lab) => host.simulator.vms().filter(({ powerState }) => powerState === "poweredOn");

test("never more guests than maxBoots are between power-on and VMware Tools", {
  timeout: 180_000,
}, async (context) => {
  const lab = await twoAtOnce(context, 600);
  const seen: number[] = [];
  const look = () => void seen.push(on(lab).filter(({ toolsRunning }) => !toolsRunning).length);
  for (const method of ["PowerOnVM_Task", "WaitForUpdatesEx"])
    lab.host.simulator.faults.add({ method, action: "continue", onWork: look });
  succeeded(await lab.project.up());
  expect(on(lab)).toHaveLength(NAMES.length);
  expect(seen.length).toBeGreaterThan(NAMES.length);
  expect(Math.max(...seen)).toBe(2);
});

test("^C while guests wait to boot leaves them off, and the next up starts them", {
  timeout: 240_000,
}, async (context) => {
  const lab = await twoAtOnce(context, HOUR_MS);
  const { host, project } = lab;
  await project.setConfig({ "esxi:bootSeconds": "3600" });
  const run = project.start("up");
  const made = async () =>
    host.simulator.vms().length === NAMES.length && (await project.vmsInState()).size === 2;
  await expect.poll(made, { timeout: 60_000, message: "two boot, and all others are there" }).toBe(true);
  run.interrupt();
  await host.until(() => run.output.includes("^C received"), "Pulumi has heard the first ^C");
  run.interrupt();
  failed(await run.result);
  expect(on(lab)).toHaveLength(2);
  expect(host.count("PowerOnVM_Task")).toBe(2);

  await project.setConfig({ "esxi:bootSeconds": "1" });
  const { steps } = succeeded(await project.up());
  expect(Object.values(steps).flat().sort()).toEqual(NAMES);
  expect(on(lab)).toHaveLength(NAMES.length);
  await host.expectVms(...NAMES.map((name) => `${name}: poweredOn`));
});

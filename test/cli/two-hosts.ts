import { afterAll } from "vitest";
import { type Lab, openLab, sharedLab } from "../support/lab.ts";
import { SimulatedHost } from "../support/simulated-host.ts";

export interface TwoHosts extends Lab {
  readonly second: SimulatedHost;
}

/** A lab whose configuration has two simulated hosts, `lab1` and `lab2`, taken down when the test is over. */
export async function twoHosts(context: Parameters<typeof openLab>[0]): Promise<TwoHosts> {
  const { host, project } = await openLab(context);
  const second = await SimulatedHost.start();
  context.onTestFinished(() => second.stop());
  await project.useHosts({ lab1: host, lab2: second });
  return { host, project, second };
}

/** Such a lab for all tests of a file or group, made by the first that asks for it. */
export function sharedTwoHosts(): typeof twoHosts {
  const lab = sharedLab();
  let started: Promise<SimulatedHost> | undefined;
  afterAll(async () => (await started)?.stop());
  return async (context) => {
    const { host, project } = await lab(context);
    started ??= SimulatedHost.start();
    const second = await started;
    await project.useHosts({ lab1: host, lab2: second });
    return { host, project, second };
  };
}

/** Names of the machines that a host has, in order. */
export const vmsOn = (host: SimulatedHost): string[] =>
  host.simulator
    .vms()
    .map(({ name }) => name)
    .sort();

import { afterAll, expect, type TestContext } from "vitest";
import type { SimulatorOptions } from "../../simulator/index.ts";
import { need } from "./prerequisites.ts";
import { PulumiProject } from "./pulumi-project.ts";
import type { PulumiResult } from "./pulumi-run.ts";
import { SimulatedHost } from "./simulated-host.ts";

/** A simulated host, and a Pulumi project that is configured for it. */
export interface Lab {
  readonly host: SimulatedHost;
  readonly project: PulumiProject;
}

export interface LabOptions {
  /** The committed program of `stacks/` instead of one that makes what the test declares. */
  readonly committedStack?: boolean;
  readonly simulator?: Partial<SimulatorOptions>;
}

/** A new lab for one test, which is taken down when the test is over. */
export async function openLab(context: TestContext, options: LabOptions = {}): Promise<Lab> {
  const { lab, close } = await make(await need(context, "TEST_PULUMI_BIN"), options);
  context.onTestFinished(close);
  return lab;
}

/** One lab for all tests of a file, made by the first that asks for it. */
export function sharedLab(options: LabOptions = {}): (context: TestContext) => Promise<Lab> {
  let made: ReturnType<typeof make> | undefined;
  afterAll(async () => (await made)?.close());
  return async (context) => {
    const binDir = await need(context, "TEST_PULUMI_BIN");
    made ??= make(binDir, options);
    return (await made).lab;
  };
}

/** Fails with all that Pulumi printed unless the run succeeded. */
export function succeeded(result: PulumiResult): PulumiResult {
  expect(result.code, result.output).toBe(0);
  return withoutWarningsOfNode(result);
}

/** Fails with all that Pulumi printed unless the run failed. */
export function failed(result: PulumiResult): PulumiResult {
  expect(result.code, result.output).not.toBe(0);
  return withoutWarningsOfNode(result);
}

/** Pulumi shows people what Node.js prints in the provider's process. */
function withoutWarningsOfNode(result: PulumiResult): PulumiResult {
  expect(result.output).not.toMatch(/\(node:\d+\)/);
  return result;
}

async function make(
  binDir: string,
  { committedStack = false, simulator = {} }: LabOptions,
): Promise<{ lab: Lab; close: () => Promise<void> }> {
  const host = await SimulatedHost.start(simulator);
  const project = await (committedStack
    ? PulumiProject.ofCommittedStack(binDir)
    : PulumiProject.make(binDir));
  await project.useHost(host);
  return {
    lab: { host, project },
    close: async () => {
      await host.stop();
      await project.remove();
    },
  };
}

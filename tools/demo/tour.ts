import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pulumiEnvironment } from "../cli/environment.ts";
import { ensurePulumi } from "../cli/pulumi.ts";
import { root } from "../setup/cache.mjs";
import { run } from "../setup/child.mjs";
import { DEMO } from "./folders.ts";
import { heading } from "./heading.ts";

/** Of the hosts and stacks of tours, which begin anew each time. */
export const TOUR_PASSWORD = "for this demo only";

export type Pulumi = (args: readonly string[]) => Promise<number>;

/** A stack of its own, with a folder for its hosts, its state and its files. */
export interface Tour {
  readonly folder: string;
  readonly pulumi: Pulumi;
}

/** Makes the stack of a tour anew. @param values Its configuration, beside what says how to reach hosts. */
export async function openTour(name: string, values: Readonly<Record<string, string>>): Promise<Tour> {
  const folder = join(DEMO, name);
  const stack = `demo-${name}`;
  const config = join(root, `Pulumi.${stack}.yaml`);
  rmSync(folder, { recursive: true, force: true });
  rmSync(config, { force: true });
  const home = join(DEMO, "pulumi");
  const backend = join(folder, "backend");
  for (const each of [home, backend]) mkdirSync(each, { recursive: true });
  const { binDir } = await ensurePulumi();
  const env = pulumiEnvironment({ binDir, home, backend, passphrase: TOUR_PASSWORD });
  const pulumi: Pulumi = async (args) => {
    const { code } = await run("pulumi", args, { cwd: root, env: { ...env, PULUMI_STACK: stack } });
    return code ?? 1;
  };
  const lines = Object.entries(values).map(([key, value]) => `  ${key}: "${value}"\n`);
  writeFileSync(config, `config:\n${lines.join("")}`);
  await must(pulumi, ["stack", "init", stack]);
  return { folder, pulumi };
}

/** One command after the other, each under its title, up to the first that fails. @returns Its exit code, or 0. */
export async function steps(
  pulumi: Pulumi,
  commands: readonly (readonly [title: string, args: readonly string[]])[],
): Promise<number> {
  for (const [title, args] of commands) {
    heading(title);
    const code = await pulumi(args);
    if (code !== 0) return code;
  }
  return 0;
}

/** @throws Error if the command fails. */
export async function must(pulumi: Pulumi, args: readonly string[]): Promise<void> {
  if ((await pulumi(args)) !== 0) throw new Error(`pulumi ${args[0]} ${args[1]} failed.`);
}

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import { madeOnce } from "../../tools/setup/once.ts";
import { PulumiRun } from "./pulumi-run.ts";
import { USUAL_PASSWORD } from "./simulated-host.ts";

/** What the secrets of the stack are encrypted with. */
export const PASSPHRASE = "for tests only";

/** A project with an empty stack `dev`, whose configuration holds the usual password as a secret. */
export interface EmptyStack {
  readonly configFile: string;
  readonly backend: string;
}

const CONFIG_FILE = "Pulumi.dev.yaml";
const BACKEND = "state";

/**
 * The stack that tests begin with, to be copied. It is made once per machine: for each secret that it handles, `pulumi`
 * derives the key anew, which takes a second of processor time.
 */
export async function emptyStack(binDir: string, projectYaml: string): Promise<EmptyStack> {
  const folder = await madeOnce("test-stack-1", async (draft) => {
    const [home, backend] = [join(draft, "home"), join(draft, BACKEND)];
    for (const made of [home, backend]) await mkdir(made);
    await writeFile(join(draft, "Pulumi.yaml"), projectYaml);
    const env = pulumiEnvironment({ binDir, home, backend, passphrase: PASSPHRASE });
    const secret = ["config", "set", "--secret", "esxi:password"];
    await pulumi({ args: ["stack", "init", "dev"], cwd: draft, env });
    await pulumi({ args: secret, cwd: draft, env, input: USUAL_PASSWORD });
    await rm(home, { recursive: true });
  });
  return { configFile: join(folder, CONFIG_FILE), backend: join(folder, BACKEND) };
}

async function pulumi(command: ConstructorParameters<typeof PulumiRun>[0]): Promise<void> {
  const { code, output } = await new PulumiRun(command).result;
  if (code !== 0) throw new Error(`pulumi ${command.args.join(" ")} failed:\n${output}`);
}

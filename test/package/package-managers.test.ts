import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PrerequisiteName } from "../../tools/prerequisites/index.ts";
import type { CommandResult } from "../../tools/setup/command.ts";
import { runNpm } from "../../tools/setup/npm.ts";
import { need } from "../support/prerequisites.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { pack } from "./installed-package.ts";
import { pulumiYaml, typescriptProject } from "./programs.ts";
import { UserStack } from "./user-stack.ts";

/** Runs the package manager in the project. */
type Run = (...args: readonly string[]) => Promise<CommandResult>;

interface Manager {
  readonly name: string;
  readonly prerequisite: PrerequisiteName;
  readonly install: (run: Run) => Promise<void>;
  /** What it leaves in a project that it has installed. */
  readonly lockFile: string;
}

const managers: readonly Manager[] = [
  { name: "pnpm", prerequisite: "TEST_PNPM", install: installWithPnpm, lockFile: "pnpm-lock.yaml" },
  { name: "bun", prerequisite: "TEST_BUN", install: installWithBun, lockFile: "bun.lock" },
];

/** Its users are asked whether dependencies may run scripts; these answer that none may. */
async function installWithPnpm(run: Run): Promise<void> {
  const { stdout, stderr } = await run("install");
  const said = stdout + stderr;
  expect(said).toContain("ERR_PNPM_IGNORED_BUILDS");
  const [, list = ""] = said.split("Ignored build scripts:");
  const asked = [...list.matchAll(/(\S+)@\d/g)].map(([, dependency]) => dependency);
  expectDone(await run("approve-builds", ...asked.map((dependency) => `!${dependency}`)));
  expectDone(await run("install"));
}

async function installWithBun(run: Run): Promise<void> {
  expectDone(await run("install"));
}

function expectDone({ code, stdout, stderr }: CommandResult): void {
  expect(code, stdout + stderr).toBe(0);
}

const cleanUps: (() => unknown)[] = [];
let base: string;
let tarball: string;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "esxi-managers-")));
  tarball = join(base, (await pack(base)).filename);
}, 300_000);

afterAll(() => rm(base, { recursive: true, force: true }));

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

for (const { name, prerequisite, install, lockFile } of managers) {
  test(`a project that ${name} installs deploys an OVA`, { timeout: 300_000 }, async (context) => {
    const [command, binDir] = [await need(context, prerequisite), await need(context, "TEST_PULUMI_BIN")];
    const host = await SimulatedHost.start();
    cleanUps.push(() => host.stop());
    const folder = join(base, name);
    await mkdir(folder);
    const packageJson = typescriptProject["package.json"].replace('"*"', JSON.stringify(`file:${tarball}`));
    const project = {
      ...typescriptProject,
      "Pulumi.yaml": pulumiYaml("A minimal TypeScript Pulumi program", name),
      "package.json": packageJson,
    };
    for (const [file, text] of Object.entries(project)) await writeFile(join(folder, file), text);
    await copyFile(tinyOva.path, join(folder, "tinyVM.ova"));
    // Not `pulumi install`: an older language host than the CLI knows no other manager than npm, and uses that.
    await install((...args) => runNpm(args, folder, command));
    expect(await readdir(folder)).toContain(lockFile);
    const stack = await UserStack.init(folder, binDir, { PATH: dirname(command) });
    await stack.deployTiny(host);
    expect(await readdir(folder)).not.toContain("package-lock.json");

    await stack.destroyAll(host);
  });
}

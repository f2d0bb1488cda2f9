// The entry of every npm script: `node tools/run.mjs TASK [ARGS…]`. Plain JavaScript without a
// dependency, so that it runs on any Node from 20 on in a clone where nothing is installed yet.
import { createHash } from "node:crypto";
import { delimiter, join } from "node:path";
import { build } from "./setup/build.mjs";
import { cacheFolder, root } from "./setup/cache.mjs";
import { run } from "./setup/child.mjs";
import { installDependencies } from "./setup/dependencies.mjs";

const TASKS = {
  demo: { needsBuild: true },
  test: { needsBuild: true },
  bench: { needsBuild: true },
  build: { needsBuild: true },
  simulator: { needsBuild: false },
  check: { needsBuild: true },
  fuzz: { needsBuild: false },
  mutate: { needsBuild: false },
};

async function main(task, args) {
  if (!Object.hasOwn(TASKS, task ?? "")) {
    process.stderr.write(`Usage: node tools/run.mjs ${Object.keys(TASKS).join("|")} [arguments]\n`);
    return { code: 2, signal: null };
  }
  const locks = join(cacheFolder(), "locks");
  const checkout = createHash("sha256").update(root).digest("hex").slice(0, 16);

  const installed = await installDependencies(join(locks, `install-${checkout}.lock`));
  if (installed.code !== 0) return installed;
  process.env.PATH = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);

  if (TASKS[task].needsBuild) {
    const built = await build(join(locks, `build-${checkout}.lock`));
    if (built.code !== 0) {
      if (task === "test") process.stdout.write("The build failed, so no test ran.\n0 passed, 1 failed\n");
      return built;
    }
  }
  if (task === "build") return { code: 0, signal: null };
  return run("node", [join(root, "tools", `${task}.ts`), ...args]);
}

const { code, signal } = await main(process.argv[2], process.argv.slice(3));
if (signal !== null) process.kill(process.pid, signal);
process.exitCode = code ?? 1;

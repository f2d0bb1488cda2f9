import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { type CommandResult, runCommand, say } from "../setup/command.ts";
import { runNpm } from "../setup/npm.ts";
import { madeOnce } from "../setup/once.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** A folder for each command, with a `package.json` that names one version and a lock file with digests. */
const PROJECTS = join(root, "tools/prerequisites/npm");
const FILES = ["package.json", "package-lock.json"];
const STARTS_WITHIN_MS = 60_000;

class NpmToolError extends Error {}

/** The path of a command that is an npm package, which is installed in the cache and not in the checkout. */
export async function ensureNpmTool(command: string): Promise<Prerequisite> {
  const project = join(PROJECTS, command);
  const digest = createHash("sha256");
  for (const file of FILES) digest.update(readFileSync(join(project, file)));
  const name = `npm/${command}-${digest.digest("hex").slice(0, 12)}-${process.platform}-${process.arch}`;
  try {
    const folder = await madeOnce(name, (draft) => install(command, project, draft));
    return { available: true, path: pathIn(folder, command) };
  } catch (error) {
    if (!(error instanceof NpmToolError)) throw error;
    return { available: false, reason: `${command} could not be installed from npm: ${error.message}` };
  }
}

async function install(command: string, project: string, draft: string): Promise<void> {
  say(`Installing ${command}…`);
  for (const file of FILES) copyFileSync(join(project, file), join(draft, file));
  // Not `npm ci`: it refuses a lock file that lacks one of the platforms, and registries differ in which they have.
  const installed = await runNpm(["install", "--json", "--no-audit", "--no-fund"], draft);
  if (installed.code !== 0) throw new NpmToolError(reasonOf(installed));
  // What a platform has no binary for is installed all the same, and cannot start.
  const started = await runCommand(pathIn(draft, command), ["--version"], { timeoutMs: STARTS_WITHIN_MS });
  if (started.code !== 0) throw new NpmToolError(lastLine(started));
}

function pathIn(folder: string, command: string): string {
  return join(folder, "node_modules/.bin", command);
}

/** What npm says of its failure; the lines on standard error end with the name of a log. */
function reasonOf(failed: CommandResult): string {
  const summary = /"summary": (".+")/.exec(failed.stdout)?.[1];
  return summary === undefined ? lastLine(failed) : String(JSON.parse(summary));
}

function lastLine({ stderr }: CommandResult): string {
  return stderr.trim().split("\n").at(-1) ?? "";
}

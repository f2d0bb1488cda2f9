import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { findOnPath, runCommand, say } from "../setup/command.ts";
import { madeOnce } from "../setup/once.ts";
import { aptInstall } from "./apt.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** The package with its version and the digest of what the registry has of it. */
const REQUIREMENTS = join(root, "tools/prerequisites/pyvmomi.txt");
const INSTALL_TAKES_AT_MOST_MS = 5 * 60_000;

class PythonError extends Error {}

/** The path of a Python that can `import pyVmomi`, from a virtual environment in the cache. */
export async function ensurePyvmomi(): Promise<Prerequisite> {
  const python = findOnPath("python3");
  if (python === undefined)
    return { available: false, reason: "python3 is not on PATH: install Python 3.9 or newer" };
  try {
    const version = await runPython(python, ["-c", "import platform; print(platform.python_version())"]);
    const digest = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
    const name = `pyvmomi/${digest}-python${version.trim()}`;
    const folder = await madeOnce(name, (draft) => makeEnvironment(python, draft));
    return { available: true, path: join(folder, "bin/python") };
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return { available: false, reason: `pyVmomi could not be installed: ${error.message}` };
  }
}

async function makeEnvironment(python: string, folder: string): Promise<void> {
  say("Installing pyVmomi in a Python environment of its own…");
  try {
    await runPython(python, ["-m", "venv", folder]);
  } catch (error) {
    // Debian keeps the part of venv that installs pip in a package of its own.
    if (!(error instanceof PythonError) || (await aptInstall("python3-venv")) !== undefined) throw error;
    await runPython(python, ["-m", "venv", "--clear", folder]);
  }
  const inside = join(folder, "bin/python");
  await runPython(inside, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--require-hashes",
    "--only-binary=:all:",
    "--requirement",
    REQUIREMENTS,
  ]);
  await runPython(inside, ["-c", "import pyVim.connect"]);
}

async function runPython(python: string, args: readonly string[]): Promise<string> {
  const result = await runCommand(python, args, { timeoutMs: INSTALL_TAKES_AT_MOST_MS });
  if (result.code === 0) return result.stdout;
  throw new PythonError(
    (result.stderr.trim() || result.stdout.trim()).split("\n").at(-1) ?? "no reason given",
  );
}

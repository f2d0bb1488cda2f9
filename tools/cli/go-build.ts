import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { findOnPath, runCommand } from "../setup/command.ts";

/** The oldest Go that builds the modules below tools/cli/go. */
export const GO_VERSION = "1.25.11";

/** One program of one of the Go modules below tools/cli/go, whose go.mod and go.sum pin everything it is made of. */
export interface GoProgram {
  /** The module's folder below tools/cli/go. */
  module: string;
  /** The package to build: an import path, or a path within the module such as `./govc`. */
  package: string;
  /** Further arguments of `go build`. */
  flags: readonly string[];
  /** The name of the binary. */
  binary: string;
}

/** Thrown when there is no Go, or when it could not build a program. */
export class GoBuildError extends Error {
  override name = "GoBuildError";
}

/** The folder of a Go module of ours. */
function goModuleFolder(module: string): string {
  return join(root, "tools/cli/go", module);
}

/** A short digest of all that a build depends on, for the name of its cache folder. */
export function digestOf(programs: readonly GoProgram[]): string {
  const hash = createHash("sha256").update(JSON.stringify(programs));
  for (const module of new Set(programs.map((program) => program.module))) {
    const folder = goModuleFolder(module);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
      /(\.go|go\.mod|go\.sum)$/.test(file),
    );
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 12);
}

/**
 * Builds a program into a folder.
 *
 * @throws GoBuildError with what the Go compiler said.
 */
export async function buildGoProgram(program: GoProgram, folder: string): Promise<void> {
  const args = ["build", "-buildvcs=false", "-mod=readonly", "-trimpath", ...program.flags];
  await runGo(program.module, [...args, "-o", join(folder, program.binary), program.package]);
}

/**
 * Runs `go` in one of our modules and returns its standard output.
 *
 * @throws GoBuildError when there is no Go, or when it fails.
 */
export async function runGo(module: string, args: readonly string[]): Promise<string> {
  if (findOnPath("go") === undefined) {
    throw new GoBuildError(`There is no Go on PATH: install Go ${GO_VERSION} or newer.`);
  }
  const cwd = goModuleFolder(module);
  const result = await runCommand("go", args, { cwd, env: { ...process.env, GOWORK: "off" } });
  if (result.code !== 0) {
    throw new GoBuildError(
      `"go ${args[0]}" failed in ${cwd} (Go ${GO_VERSION} or newer is needed):\n${result.stderr}`,
    );
  }
  return result.stdout;
}

import { existsSync } from "node:fs";
import { findOnPath } from "../setup/command.ts";
import { aptInstall } from "./apt.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** Where Debian has what is for root, which is on root's PATH only. */
const FOR_ROOT = "/usr/sbin";

/** The path of a command, whose Debian package is installed where that is possible. */
export async function ensureDebianTool(command: string, packageName: string): Promise<Prerequisite> {
  const found = find(command);
  if (found !== undefined) return { available: true, path: found };
  const failure = await aptInstall(packageName);
  const installed = find(command);
  if (installed !== undefined) return { available: true, path: installed };
  return { available: false, reason: `${command} is not on PATH: ${failure ?? "the package has none"}` };
}

function find(command: string): string | undefined {
  const forRoot = `${FOR_ROOT}/${command}`;
  return findOnPath(command) ?? (existsSync(forRoot) ? forRoot : undefined);
}

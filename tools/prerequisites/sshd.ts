import { existsSync } from "node:fs";
import { findOnPath } from "../setup/command.ts";
import { aptInstall } from "./apt.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** Where Debian has it, which is on root's PATH only. */
const USUAL = "/usr/sbin/sshd";

/** The path of OpenSSH's `sshd`, which is installed where that is possible; nothing is started. */
export async function ensureSshd(): Promise<Prerequisite> {
  const found = find();
  if (found !== undefined && process.getuid?.() === 0) return { available: true, path: found };
  // It starts as others than root as well, but then it can log nobody in by password.
  if (process.getuid?.() !== 0) return { available: false, reason: "sshd can check passwords for root only" };
  const failure = await aptInstall("openssh-server");
  const installed = find();
  if (installed !== undefined) return { available: true, path: installed };
  return { available: false, reason: `sshd is not on PATH: ${failure ?? "the package has none"}` };
}

const find = () => findOnPath("sshd") ?? (existsSync(USUAL) ? USUAL : undefined);

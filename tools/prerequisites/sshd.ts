import { ensureDebianTool } from "./debian-tool.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** The path of OpenSSH's `sshd`, which is installed where that is possible; nothing is started. */
export async function ensureSshd(): Promise<Prerequisite> {
  if (process.getuid?.() === 0) return ensureDebianTool("sshd", "openssh-server");
  // It starts as others than root as well, but then it can log nobody in by password.
  return { available: false, reason: "sshd can check passwords for root only" };
}

import { join } from "node:path";
import { cacheFolder } from "../setup/cache.mjs";
import { findOnPath, runCommand, say } from "../setup/command.ts";
import { withLock } from "../setup/lock.mjs";
import { withoutServices } from "./without-services.ts";

const INSTALL_TAKES_AT_MOST_MS = 5 * 60_000;

/** The lists of packages are fetched once for all. */
let updated: Promise<unknown> | undefined;

/**
 * Installs a Debian package, where that is possible without asking anybody: root and `apt-get`. No service is started.
 *
 * @returns undefined when it is installed, else why it is not, as the end of a sentence.
 */
export async function aptInstall(debianPackage: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || findOnPath("apt-get") === undefined) {
    return `install it (Debian: apt-get install ${debianPackage})`;
  }
  say(`Installing ${debianPackage}…`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, timeoutMs: INSTALL_TAKES_AT_MOST_MS };
  const lockTimeout = ["-o", "DPkg::Lock::Timeout=120"];
  updated ??= runCommand("apt-get", ["update", "-q"], options);
  await updated;
  const install = ["install", "-y", "-q", "--no-install-recommends", ...lockTimeout, debianPackage];
  const result = await withLock(join(cacheFolder(), "apt.lock"), () =>
    withoutServices(() => runCommand("apt-get", install, options)),
  );
  if (result.code === 0) return undefined;
  return `apt-get install ${debianPackage} failed: ${result.stderr.trim().split("\n").at(-1)}`;
}

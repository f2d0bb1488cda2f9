import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../setup/cache.mjs";
import { type CommandResult, findOnPath, runCommand, say } from "../setup/command.ts";
import { withLock } from "../setup/lock.mjs";
import { withoutServices } from "./without-services.ts";

const INSTALL_TAKES_AT_MOST_MS = 5 * 60_000;
const OPTIONS = {
  env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  timeoutMs: INSTALL_TAKES_AT_MOST_MS,
};

/** The lists of packages are fetched once for all. */
let updated: Promise<unknown> | undefined;

/**
 * Installs Debian packages, where that is possible without asking anybody: root and `apt-get`. No service is started.
 *
 * @returns undefined when they are installed, else why they are not, as the end of a sentence.
 */
export async function aptInstall(...debianPackages: readonly string[]): Promise<string | undefined> {
  const names = debianPackages.join(" ");
  if (!hasApt()) return `install it (Debian: apt-get install ${names})`;
  say(`Installing ${names}…`);
  await withLists();
  const lockTimeout = ["-o", "DPkg::Lock::Timeout=120"];
  const install = ["install", "-y", "-q", "--no-install-recommends", ...lockTimeout, ...debianPackages];
  const result = await withLock(join(cacheFolder(), "apt.lock"), () =>
    withoutServices(() => runCommand("apt-get", install, OPTIONS)),
  );
  return result.code === 0 ? undefined : `apt-get install ${names} failed: ${lastLine(result)}`;
}

/**
 * Unpacks a Debian package into a folder and installs nothing: for what would change how the machine boots.
 *
 * @returns as {@link aptInstall}
 */
export async function aptUnpack(debianPackage: string, folder: string): Promise<string | undefined> {
  if (!hasApt()) return `only root can get it by apt-get download ${debianPackage}`;
  await withLists();
  const downloaded = await runCommand("apt-get", ["download", "-q", debianPackage], {
    ...OPTIONS,
    cwd: folder,
  });
  if (downloaded.code !== 0) return `apt-get download ${debianPackage} failed: ${lastLine(downloaded)}`;
  const file = readdirSync(folder).find((name) => name.endsWith(".deb"));
  if (file === undefined) return `apt-get download ${debianPackage} brought no package`;
  const unpacked = await runCommand("dpkg-deb", ["--extract", join(folder, file), folder], OPTIONS);
  rmSync(join(folder, file));
  return unpacked.code === 0 ? undefined : `dpkg-deb could not unpack ${file}: ${lastLine(unpacked)}`;
}

const hasApt = (): boolean => process.getuid?.() === 0 && findOnPath("apt-get") !== undefined;

function withLists(): Promise<unknown> {
  updated ??= runCommand("apt-get", ["update", "-q"], OPTIONS);
  return updated;
}

const lastLine = ({ stderr }: CommandResult): string => stderr.trim().split("\n").at(-1) ?? "";

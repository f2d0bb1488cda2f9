import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./cache.mjs";
import { run } from "./child.mjs";
import { withLock } from "./lock.mjs";

/** Runs `npm ci` when node_modules is not what package-lock.json says. */
export async function installDependencies(lockFile) {
  if (isInstalled()) return { code: 0, signal: null };
  const install = async () => {
    if (isInstalled()) return { code: 0, signal: null };
    process.stderr.write("Installing dependencies…\n");
    const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
    const result = await run("npm", args, { cwd: root, quiet: true });
    if (result.code !== 0) {
      process.stderr.write(`${result.output}\nnpm ci failed in ${root}: see above.\n`);
    } else if (!isInstalled()) {
      process.stderr.write(
        `npm ci ran in ${root}, but node_modules does not match package-lock.json or has no Node of its own. ` +
          'If npm is told to ignore install scripts, allow them for this project (the package "node" needs its own).\n',
      );
      return { code: 1, signal: null };
    }
    return result;
  };
  const onWait = (pid) => process.stderr.write(`Waiting for process ${pid}, which installs dependencies…\n`);
  return withLock(lockFile, install, { onWait });
}

/** Compares npm's own record of what it installed, so an `npm install` by hand counts as well. */
function isInstalled() {
  if (!existsSync(join(root, "node_modules/.bin/node"))) return false;
  const wanted = readPackages("package-lock.json");
  const installed = readPackages("node_modules/.package-lock.json");
  if (wanted === undefined || installed === undefined) return false;
  // An optional package of this platform may be missing in a lock file that was written on another one.
  const sameVersion = Object.entries(installed).every(([path, entry]) =>
    path in wanted ? wanted[path].version === entry.version : entry.optional,
  );
  const complete = Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || entry.devOptional || entry.peer || path in installed,
  );
  return sameVersion && complete;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

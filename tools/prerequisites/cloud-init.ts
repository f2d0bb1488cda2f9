import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../setup/command.ts";
import { madeOnce } from "../setup/once.ts";
import { aptInstall, aptUnpack } from "./apt.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** The distribution's own, which has the libraries of the distribution. */
const PYTHON = "/usr/bin/python3";
/** What cloud-init imports, and the Debian packages that have it. */
const LIBRARIES = {
  configobj: "python3-configobj",
  jinja2: "python3-jinja2",
  jsonpatch: "python3-jsonpatch",
  jsonschema: "python3-jsonschema",
  netifaces: "python3-netifaces",
  oauthlib: "python3-oauthlib",
  requests: "python3-requests",
  yaml: "python3-yaml",
};

class CloudInitError extends Error {}

/**
 * A folder with the files of the distribution's cloud-init. They are unpacked and not installed: an installed one would
 * set the machine up anew when it boots.
 */
export async function ensureCloudInit(): Promise<Prerequisite> {
  const release = releaseOf();
  if (release === undefined) return { available: false, reason: "cloud-init is taken from Debian or Ubuntu" };
  if (!(await hasLibraries())) {
    const failure = await aptInstall(...Object.values(LIBRARIES));
    if (failure !== undefined) return { available: false, reason: `cloud-init's libraries: ${failure}` };
  }
  try {
    const folder = await madeOnce(`cloud-init/${release}`, async (draft) => {
      const failure = await aptUnpack("cloud-init", draft);
      if (failure !== undefined) throw new CloudInitError(failure);
    });
    return { available: true, path: folder };
  } catch (error) {
    if (!(error instanceof CloudInitError)) throw error;
    return { available: false, reason: `cloud-init: ${error.message}` };
  }
}

async function hasLibraries(): Promise<boolean> {
  return (await runCommand(PYTHON, ["-c", `import ${Object.keys(LIBRARIES).join(", ")}`])).code === 0;
}

/** `debian-12` of a Debian or Ubuntu. */
function releaseOf(): string | undefined {
  try {
    const text = readFileSync(join("/etc", "os-release"), "utf8");
    const [, id] = /^ID=(\w+)$/m.exec(text) ?? [];
    const [, version] = /^VERSION_ID="?([\w.]+)"?$/m.exec(text) ?? [];
    return /^(debian|ubuntu)$/.test(id ?? "") ? `${id}-${version ?? "unstable"}` : undefined;
  } catch {
    return undefined;
  }
}

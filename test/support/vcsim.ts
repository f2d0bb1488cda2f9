import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface VcsimOptions {
  /** The path of vcsim: `await need(context, "TEST_VCSIM")`. */
  program: string;
  password: string;
  /** Default: root. */
  username?: string;
  /** VMs to begin with. Default: 0. */
  vms?: number;
  /** Datastores, named LocalDS_0 and so on. Default: 1. */
  datastores?: number;
  /** Delay of every call, in milliseconds. Default: 0. */
  delayMs?: number;
  /** Calls that fail; the fields are those of tools/cli/go/govmomi/vcsim/faults.go. */
  faults?: readonly VcsimFault[];
  /** A file that gets a line of JSON for each request; see tools/cli/go/govmomi/vcsim/requests.go. */
  requestLog?: string;
}

interface VcsimFault {
  method: string;
  /** For example "ResourceInUse". */
  type: string;
  objectType?: string;
  objectName?: string;
  message?: string;
  probability?: number;
  skip?: number;
  count?: number;
  delayMs?: number;
}

export interface Vcsim {
  /** https://127.0.0.1:PORT/sdk */
  url: string;
  username: string;
  /** SHA-256 in upper-case hex with colons. */
  thumbprint: string;
  /** The host's self-signed certificate, as PEM. */
  certificate: string;
  /** Of its process. */
  pid: number;
  /** Ends it and waits for its end. */
  stop: () => Promise<void>;
}

/** Starts vcsim as an ESXi host on a free port of 127.0.0.1 and returns once it serves. */
export async function startVcsim(options: VcsimOptions): Promise<Vcsim> {
  const args = ["-username", options.username ?? "root", "-password", options.password];
  if (options.vms !== undefined) args.push("-vm", String(options.vms));
  if (options.datastores !== undefined) args.push("-ds", String(options.datastores));
  if (options.delayMs !== undefined) args.push("-delay", String(options.delayMs));
  if (options.faults !== undefined) args.push("-faults", JSON.stringify(options.faults));
  if (options.requestLog !== undefined) args.push("-requests", options.requestLog);
  const child = spawn(options.program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const { url, username, thumbprint, certificate, pid }: Vcsim = JSON.parse(await firstLine(child));
  return { url, username, thumbprint, certificate, pid, stop: () => stop(child) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("vcsim was started without its standard output.");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("vcsim ended before it served; see above for what it said.");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  // It waits for requests that are open, a minute for one that waits for updates.
  const patience = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await exit;
  clearTimeout(patience);
}

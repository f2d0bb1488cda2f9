import { spawnSync } from "node:child_process";
import { ensureDebianTool } from "./debian-tool.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** The path of `ip`, where it may make network namespaces. */
export async function ensureNetworkNamespaces(): Promise<Prerequisite> {
  const ip = await ensureDebianTool("ip", "iproute2");
  if (!ip.available) return ip;
  const name = `lab-try-${process.pid}`;
  const made = spawnSync(ip.path, ["netns", "add", name], { encoding: "utf8" });
  if (made.status !== 0)
    return { available: false, reason: `no network namespaces here: ${made.stderr.trim()}` };
  spawnSync(ip.path, ["netns", "del", name]);
  return ip;
}

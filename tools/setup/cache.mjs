import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout (or package) that this file belongs to. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** The folder for what is built or downloaded once per machine; survives the checkout. */
export function cacheFolder() {
  if (process.env.PULUMI_ESXI_CACHE) return resolve(process.env.PULUMI_ESXI_CACHE);
  const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "pulumi-esxi-direct");
}

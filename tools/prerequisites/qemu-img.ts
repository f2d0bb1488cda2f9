import { findOnPath } from "../setup/command.ts";
import { aptInstall } from "./apt.ts";
import type { Prerequisite } from "./prerequisite.ts";

/** The path of `qemu-img`, which is installed where that is possible. */
export async function ensureQemuImg(): Promise<Prerequisite> {
  const found = findOnPath("qemu-img");
  if (found !== undefined) return { available: true, path: found };
  const failure = await aptInstall("qemu-utils");
  const installed = findOnPath("qemu-img");
  if (installed !== undefined) return { available: true, path: installed };
  return { available: false, reason: `qemu-img is not on PATH: ${failure ?? "the package has none"}` };
}

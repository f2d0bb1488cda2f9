import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureGovc } from "../../tools/cli/govmomi.ts";
import { succeed } from "./command.ts";
import type { BenchHost } from "./vcsim.ts";

/** Imports an OVA so often with govc, one process after the other, and returns how long that took, in seconds. */
export async function importWithGovc(host: BenchHost, ova: string, count: number): Promise<number> {
  const govc = await ensureGovc();
  const home = await mkdtemp(join(tmpdir(), "esxi-bench-govc-"));
  const env = {
    ...process.env,
    GOVMOMI_HOME: home,
    GOVC_PERSIST_SESSION: "false",
    GOVC_URL: host.url,
    GOVC_USERNAME: host.environment.ESXI_USERNAME,
    GOVC_PASSWORD: host.environment.ESXI_PASSWORD,
    GOVC_INSECURE: "true",
  };
  try {
    const began = performance.now();
    for (let index = 1; index <= count; index++) {
      await succeed(govc, ["import.ova", "-name", `bench-${index}`, ova], { env });
    }
    return (performance.now() - began) / 1000;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

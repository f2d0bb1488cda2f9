import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startVcsim } from "../../test/support/vcsim.ts";
import { ensureVcsim } from "../../tools/cli/govmomi.ts";
import { processorSecondsOf } from "./processor-time.ts";

/** A request as vcsim saw it; see tools/cli/go/govmomi/vcsim/requests.go. */
export interface ServedRequest {
  readonly method: string;
  readonly readType?: string;
  readonly bodyBytes: number;
  readonly beganMs: number;
  readonly bodyEndedMs: number;
  readonly endedMs: number;
}

/** A host for one measurement. */
export interface BenchHost {
  /** https://127.0.0.1:PORT/sdk */
  readonly url: string;
  /** How the product is told to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** All requests that have been answered so far. */
  requests(): readonly ServedRequest[];
  /** Processor time that it has taken so far, in seconds; undefined where the system does not tell. */
  processorSeconds(): number | undefined;
}

const PASSWORD = "bench";

/** Runs `work` with a fresh vcsim. */
export async function withHost<T>(work: (host: BenchHost) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "esxi-bench-host-"));
  const log = join(folder, "requests");
  const vcsim = await startVcsim({ program: await ensureVcsim(), password: PASSWORD, requestLog: log });
  try {
    return await work({
      url: vcsim.url,
      environment: {
        ESXI_HOST: vcsim.url,
        ESXI_USERNAME: vcsim.username,
        ESXI_PASSWORD: PASSWORD,
        ESXI_THUMBPRINT: vcsim.thumbprint,
      },
      requests: () =>
        readFileSync(log, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as ServedRequest),
      processorSeconds: () => processorSecondsOf(vcsim.pid),
    });
  } finally {
    await vcsim.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The uploads among the requests, in the order in which they began. */
export function uploads(requests: readonly ServedRequest[]): readonly ServedRequest[] {
  return requests
    .filter(({ method }) => / \/nfc\//.test(method))
    .sort((one, other) => one.beganMs - other.beganMs);
}

import { join } from "node:path";
import { root } from "../tools/setup/cache.mjs";
import { succeed } from "./support/command.ts";
import { type LargeOva, writeLargeOva } from "./support/large-ova.ts";
import { BenchProject } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { interleave, ratios } from "./support/statistics.ts";
import { type BenchHost, uploads, withHost } from "./support/vcsim.ts";

const GIB = 1024 ** 3;
const LARGEST_PROVIDER_MB = 250;

/** One large OVA: how fast its bytes travel, and what memory the provider needs for it. */
export const ovaThroughput: Benchmark = {
  name: "ova-throughput",
  title: "One OVA of 1 GiB: the transfer in `pulumi up` and by undici alone, both with SHA-256",

  async run({ rounds, folder }) {
    const ova = await writeLargeOva(join(folder, "1-gib.ova"), GIB);
    const peaks: number[] = [];
    const { product, plain } = await interleave(rounds, {
      product: () =>
        withHost(async (host) => {
          const peak = await deploy(host, ova.path);
          if (peak !== undefined) peaks.push(peak / 1e6);
          return transferRate(host, ova);
        }),
      plain: () =>
        withHost(async (host) => {
          await sendPlainly(host, ova);
          return transferRate(host, ova);
        }),
    });
    const huge = await writeLargeOva(join(folder, "4-gib.ova"), 4 * GIB);
    const hugePeak = await withHost((host) => deploy(host, huge.path));
    const memory = (label: string, samples: readonly number[]) => ({
      label: `memory of the provider, ${label}`,
      unit: "MB",
      samples,
      goal: { atMost: LARGEST_PROVIDER_MB },
    });
    return {
      rows: [
        { label: "pulumi up", unit: "MB/s", samples: product },
        { label: "undici alone", unit: "MB/s", samples: plain },
        { label: "ratio", unit: "", samples: ratios(product, plain), goal: { atLeast: 0.85 } },
        ...(peaks.length > 0 ? [memory("1 GiB", peaks)] : []),
        ...(hugePeak !== undefined ? [memory("4 GiB", [hugePeak / 1e6])] : []),
      ],
      notes: peaks.length > 0 ? [] : ["The provider's memory is measured where there is a /proc."],
    };
  },
};

function deploy(host: BenchHost, ova: string): Promise<number | undefined> {
  return BenchProject.with(
    { resource: "ova-deployment", count: 1, ova },
    host.environment,
    async (project) => {
      return (await project.up()).providerPeakBytes;
    },
  );
}

async function sendPlainly(host: BenchHost, ova: LargeOva): Promise<void> {
  const script = join(root, "bench/plain-upload.ts");
  await succeed("node", [script, ova.path, String(ova.diskOffset), String(ova.diskBytes)], {
    env: { ...process.env, ...host.environment },
  });
}

/** In MB/s, from the request's headers to its last byte as the host saw them. */
function transferRate(host: BenchHost, ova: LargeOva): number {
  const [upload, ...more] = uploads(host.requests());
  if (upload === undefined || more.length > 0 || upload.bodyBytes !== ova.diskBytes) {
    throw new Error("The host did not get the disk in one whole upload.");
  }
  return upload.bodyBytes / 1000 / (upload.bodyEndedMs - upload.beganMs);
}

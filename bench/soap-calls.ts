import { join } from "node:path";
import { root } from "../tools/setup/cache.mjs";
import { byMethod, calls } from "./support/calls.ts";
import { BenchProject } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { type BenchHost, type ServedRequest, withHost } from "./support/vcsim.ts";

const COUNT = 100;
const MOST_CALLS = { preview: 5, again: 0, refresh: 10, destroy: 4 };
const OVA = join(root, "images/tinyVM.ova");

/** How much a host is asked. */
export const soapCalls: Benchmark = {
  name: "soap-calls",
  title: `SOAP calls of ${COUNT} instances of images/tinyVM.ova`,

  run: () =>
    withHost((host) =>
      BenchProject.with(
        { resource: "ova-deployment", count: COUNT, ova: OVA },
        host.environment,
        async (project) => {
          const preview = await callsDuring(host, () => project.preview());
          const up = await callsDuring(host, () => project.up());
          const again = await callsDuring(host, () => project.up());
          const refresh = await callsDuring(host, () => project.refresh());
          const destroy = await callsDuring(host, () => project.destroy());
          return {
            rows: [
              {
                label: "preview of new ones, in all",
                unit: "calls",
                samples: [preview.length],
                goal: { atMost: MOST_CALLS.preview },
              },
              { label: "up, for each VM", unit: "calls", samples: [up.length / COUNT] },
              {
                label: "up with nothing to do, in all",
                unit: "calls",
                samples: [again.length],
                goal: { atMost: MOST_CALLS.again },
              },
              {
                label: "refresh, in all",
                unit: "calls",
                samples: [refresh.length],
                goal: { atMost: MOST_CALLS.refresh },
              },
              {
                label: "destroy, for each VM",
                unit: "calls",
                samples: [destroy.length / COUNT],
                goal: { atMost: MOST_CALLS.destroy },
              },
            ],
            notes: [
              `preview: ${byMethod(preview)}`,
              `up: ${byMethod(up)}`,
              `refresh: ${byMethod(refresh)}`,
              `destroy: ${byMethod(destroy)}`,
            ],
          };
        },
      ),
    ),
};

async function callsDuring(host: BenchHost, work: () => Promise<unknown>): Promise<readonly ServedRequest[]> {
  const before = host.requests().length;
  await work();
  return calls(host.requests().slice(before));
}

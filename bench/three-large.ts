import { join } from "node:path";
import { writeLargeOva } from "./support/large-ova.ts";
import { BenchProject } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { interleave, ratios } from "./support/statistics.ts";
import { uploads, withHost } from "./support/vcsim.ts";

const COUNT = 3;
const MIB = 1024 ** 2;
const CAPACITY_MIB = 384;
/** Equal within what two runs of the very same differ by. */
const NO_SLOWER = 1.05;

/** Whether transfers that run at once get into each other's way. */
export const threeLarge: Benchmark = {
  name: "three-large",
  title: `${COUNT} OVAs of ${CAPACITY_MIB} MiB on one host: at once, and one after the other`,

  async run({ rounds, folder }) {
    const paths: string[] = [];
    for (let index = 1; index <= COUNT; index++) {
      const { path } = await writeLargeOva(join(folder, `three-${index}.ova`), CAPACITY_MIB * MIB);
      paths.push(path);
    }
    const { together, apart } = await interleave(rounds, {
      together: () => timeOfTransfers(paths, COUNT),
      apart: () => timeOfTransfers(paths, 1),
    });
    return {
      rows: [
        { label: "at once", unit: "s", samples: together },
        { label: "one after the other", unit: "s", samples: apart },
        { label: "ratio", unit: "", samples: ratios(together, apart), goal: { atMost: NO_SLOWER } },
      ],
    };
  },
};

/** Seconds from the first upload's beginning to the last one's end, as the host saw them. */
function timeOfTransfers(ovas: readonly string[], maxTransfers: number): Promise<number> {
  return withHost((host) => {
    const environment = { ...host.environment, ESXI_MAX_TRANSFERS: String(maxTransfers) };
    const deployment = { resource: "ova-deployment", count: COUNT, ova: ovas.join(",") } as const;
    return BenchProject.with(deployment, environment, async (project) => {
      await project.up();
      const sent = uploads(host.requests());
      if (sent.length !== COUNT) throw new Error(`The host got ${sent.length} uploads.`);
      const began = Math.min(...sent.map(({ beganMs }) => beganMs));
      return (Math.max(...sent.map(({ endedMs }) => endedMs)) - began) / 1000;
    });
  });
}

import { join } from "node:path";
import { root } from "../tools/setup/cache.mjs";
import { importWithGovc } from "./support/govc.ts";
import { BenchProject, type Deployment } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { interleave, ratios } from "./support/statistics.ts";
import { uploads, withHost } from "./support/vcsim.ts";

const COUNT = 10;
const OVA = join(root, "images/tinyVM.ova");

/** What the product adds to the engine's own time, beside the fastest command-line tool. */
export const tenTiny: Benchmark = {
  name: "ten-tiny",
  title: `${COUNT} instances of images/tinyVM.ova: \`pulumi up\` less the engine's floor, and ${COUNT} × \`govc import.ova\``,

  async run({ rounds }) {
    const { product, floor, govc } = await interleave(rounds, {
      product: () => timeOfUp("ova-deployment"),
      floor: () => timeOfUp("do-nothing"),
      govc: () => withHost((host) => importWithGovc(host, OVA, COUNT)),
    });
    const own = product.map((seconds, round) => seconds - (floor[round] ?? Number.NaN));
    return {
      rows: [
        { label: "pulumi up", unit: "s", samples: product },
        { label: "the same with resources that do nothing", unit: "s", samples: floor },
        { label: "the difference: ours", unit: "s", samples: own },
        { label: `${COUNT} × govc import.ova`, unit: "s", samples: govc },
        { label: "ratio", unit: "", samples: ratios(own, govc), goal: { atMost: 1 } },
      ],
    };
  },
};

function timeOfUp(resource: Deployment["resource"]): Promise<number> {
  return withHost((host) =>
    BenchProject.with({ resource, count: COUNT, ova: OVA }, host.environment, async (project) => {
      const { seconds } = await project.up();
      const made = uploads(host.requests()).length;
      if (made !== (resource === "do-nothing" ? 0 : COUNT)) throw new Error(`The host got ${made} uploads.`);
      return seconds;
    }),
  );
}

import { BenchProject, type Deployment } from "./support/project.ts";
import type { Benchmark, Row } from "./support/result.ts";
import { sizesFrom } from "./support/sizes.ts";
import { interleave, ratios } from "./support/statistics.ts";
import { withHost } from "./support/vcsim.ts";

/** What makes Pulumi write the state once, when a run ends, and not after every step. */
const WITHOUT = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

/** What the engine's checkpoints take of an up and of a destroy of many machines. */
export const checkpoints: Benchmark = {
  name: "checkpoints",
  title: "many machines from nothing, with and without Pulumi's checkpoints",
  rounds: 1,

  async run({ rounds }) {
    const rows: Row[] = [];
    for (const count of sizesFrom("BENCH_VMS", [600])) {
      const destroys: Record<"with" | "without", number[]> = { with: [], without: [] };
      const live = async (which: "with" | "without", variables: NodeJS.ProcessEnv) => {
        const { up, destroy } = await life(count, variables);
        destroys[which].push(destroy);
        return up;
      };
      const ups = await interleave(rounds, {
        with: () => live("with", {}),
        without: () => live("without", WITHOUT),
      });
      for (const [step, samples] of Object.entries({ up: ups, destroy: destroys })) {
        rows.push(
          { label: `${count}: ${step} with checkpoints`, unit: "s", samples: samples.with },
          { label: "  without", unit: "s", samples: samples.without },
          { label: "  ratio", unit: "", samples: ratios(samples.without, samples.with) },
        );
      }
    }
    return { rows };
  },
};

/** Makes them on a host of its own and destroys them again, in seconds. */
function life(count: number, variables: NodeJS.ProcessEnv): Promise<{ up: number; destroy: number }> {
  const deployment: Deployment = { resource: "scratch-vms", mode: "scratch", count, ova: "" };
  return withHost((host) =>
    BenchProject.with(deployment, host.environment, async (project) => {
      const up = await project.pulumi(["up", "--yes", "--skip-preview"], variables);
      const destroy = await project.pulumi(["destroy", "--yes", "--skip-preview"], variables);
      return { up: up.seconds, destroy: destroy.seconds };
    }),
  );
}

import { join } from "node:path";
import { root } from "../tools/setup/cache.mjs";
import { countsOf } from "./support/calls.ts";
import { BenchProject } from "./support/project.ts";
import type { Benchmark } from "./support/result.ts";
import { sshOf, withSimulator } from "./support/simulator.ts";

const COUNT = 20;
const OVA = join(root, "images/tinyVM.ova");
/** How many resources the engine makes at once. */
const PARALLEL = 16;
const MOST_COMMANDS = 20;

/** What one OVA and its linked clones cost on a host that is changed by commands alone. */
export const freeClones: Benchmark = {
  name: "free-clones",
  title: `${COUNT} linked clones of one OVA on a host with a free licence, over SSH`,
  rounds: 1,

  run: () =>
    withSimulator(
      0,
      (host) =>
        BenchProject.with(
          { resource: "clones", count: COUNT, ova: OVA, mode: "linked" },
          host.environment,
          async (project) => {
            await project.reachBySsh(sshOf(host));
            const { seconds } = await project.up(PARALLEL);
            const { commands } = await host.figures();
            const uploads = commands.filter((command) => /^'cat' .*pulumi-uploading/.test(command));
            return {
              rows: [
                { label: "up", unit: "s", samples: [seconds] },
                { label: "uploads", unit: "", samples: [uploads.length], goal: { atMost: 1 } },
                {
                  label: "shell commands, for each clone",
                  unit: "commands",
                  samples: [commands.length / COUNT],
                  goal: { atMost: MOST_COMMANDS },
                },
              ],
              notes: [`commands: ${countsOf(commands.map(nameOf))}`],
            };
          },
        ),
      "free",
    ),
};

/** What a command does: its program, and of `vim-cmd` and `vmkfstools` what these are to do. */
function nameOf(command: string): string {
  const [program = "", operation = ""] = command.replaceAll("'", "").split(" ");
  return program === "vim-cmd" || program === "vmkfstools" ? `${program} ${operation}` : program;
}

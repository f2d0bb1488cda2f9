/** The display that people see: Pulumi on a terminal, which redraws its rows. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { openLab } from "../support/lab.ts";
import type { PulumiProject } from "../support/pulumi-project.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

const LIMIT = { timeout: 120_000 };

/** A program of util-linux that gives another program a terminal; other systems' take other options. */
const SCRIPT = (process.platform === "linux" ? (process.env.PATH ?? "") : "")
  .split(delimiter)
  .map((folder) => join(folder, "script"))
  .find(isProgram);

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What `pulumi` draws on a terminal of 160 columns, row by row in the order of drawing. */
async function drawn(script: string, project: PulumiProject, env: NodeJS.ProcessEnv): Promise<string[]> {
  // `CI` would switch the redrawn display off.
  const environment: NodeJS.ProcessEnv = { ...project.environment, ...env, TERM: "xterm", CI: undefined };
  const command = "stty cols 160 rows 50; pulumi up --yes --skip-preview";
  const child = spawn(script, ["-qefc", command, "/dev/null"], {
    cwd: project.folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return stripVTControlCharacters(text).split(/[\r\n]+/);
}

test.skipIf(SCRIPT === undefined)(
  "on a terminal a row that is finished keeps no last status, and a problem of the host is told in full once (needs script of util-linux)",
  LIMIT,
  async (context) => {
    const script = SCRIPT ?? "";
    const lab = await openLab(context, { simulator: { guestAddressDelayMs: 3000 } });
    const { host, project } = lab;
    const refusing = await SimulatedHost.start();
    context.onTestFinished(() => refusing.stop());
    await project.useHosts({ lab2: refusing });
    const ova = { ovaPath: tinyOva.path };
    const student = {
      kind: "OvaDeployment",
      args: { ...ova, host: "lab2" },
      options: { dependsOn: ["$vm"] },
    };
    await declareResources(lab, {
      vm: { kind: "OvaDeployment", args: { ...ova, waitFor: { ip: true } } },
      "student-1": student,
      "student-2": student,
    });
    const rows = await drawn(script, project, { ESXI_LAB2_PASSWORD: "not-It/98" });
    const ofVm = rows.filter((row) => /esxi:OvaDeployment +vm /.test(row));
    expect(ofVm.filter((row) => /creating.*waiting/.test(row))).not.toEqual([]);
    expect(ofVm.at(-1)).toMatch(/ vm +created \(\d+s\)\s*$/);
    const last = rows.slice(rows.findLastIndex((row) => row.startsWith("Diagnostics:")));
    expect(last.filter((row) => /the host refused the user name or password/.test(row))).toHaveLength(1);
    await host.expectVms("vm: poweredOn");
    await refusing.expectEmpty();
  },
);

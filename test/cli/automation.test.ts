import { describe, expect, test } from "vitest";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import { runCommand } from "../../tools/setup/command.ts";
import { PASSPHRASE } from "../support/empty-stack.ts";
import { serveGatedOva } from "../support/gated-ova.ts";
import { type Lab, sharedLab } from "../support/lab.ts";
import { need } from "../support/prerequisites.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** What each service begins with; `say` tells the test, and `inline` makes a stack that is configured for the host. */
const COMMON = `import * as pulumi from "@pulumi/pulumi";
import { DatastoreClone, OvaDeployment } from "pulumi-esxi-direct";
const { LocalWorkspace } = pulumi.automation;
const { esxi, ovaPath } = JSON.parse(process.argv[2]);
const say = (what) => console.log(JSON.stringify(what));
const inline = async (stackName, program, main) => {
  const projectSettings = { name: "lab", runtime: "nodejs", ...main };
  const args = { stackName, projectName: "lab", program };
  const stack = await LocalWorkspace.createOrSelectStack(args, main && { projectSettings });
  const config = Object.entries(esxi).map(([key, value]) => ["esxi:" + key, { value, secret: key === "password" }]);
  await stack.setAllConfig(Object.fromEntries(config));
  return stack;
};
`;

const NO_MAIN = `const program = async () => {
  new OvaDeployment("web", { ovaPath });
};
say(await (await inline("homeless", program)).preview().catch(({ message }) => message));
`;

const COURSE = `const main = { main: import.meta.dirname };
const teacher = await inline("teacher", async () => {
  const base = new OvaDeployment("base", { ovaPath, powerOn: false });
  return { base: base.instanceUuid };
}, main);
const students = await Promise.all(["ada", "bob"].map((student) => inline(student, async () => {
  const source = new pulumi.StackReference("organization/lab/teacher").getOutput("base");
  new DatastoreClone(student, { source, mode: "linked", powerOn: false });
}, main)));
await teacher.up();
say((await Promise.all(students.map((stack) => stack.up()))).map(({ summary }) => summary.resourceChanges));
`;

const DESTROY = `await (await inline("bob", async () => {}, { main: import.meta.dirname })).destroy();
`;

/** What is there when one of the students has gone. */
const OF_COURSE = ["ada: poweredOff", "base: poweredOff"];

const LOCAL = `const stack = await LocalWorkspace.selectStack({ stackName: "dev", workDir: import.meta.dirname });
const nameOf = (error) => (error instanceof pulumi.automation.ConcurrentUpdateError ? "locked" : error.message);
say(await stack.up().then(({ summary }) => summary.resourceChanges, nameOf));
await stack.cancel();
say(await stack.up().then(({ summary }) => summary.resourceChanges, nameOf));
`;

describe("Pulumi's Automation API, from a service whose working folder is /", { timeout: 180_000 }, () => {
  const lab = sharedLab();

  /** Runs a service of the lab's project and returns what it said. */
  async function service({ host, project }: Lab, binDir: string, program: string) {
    const file = await project.write("service.js", COMMON + program);
    const { url, username, password, thumbprint } = host;
    const given = { esxi: { host: url, username, password, thumbprint }, ovaPath: tinyOva.path };
    const { home, backend } = project;
    const env = pulumiEnvironment({ binDir, home, backend, passphrase: PASSPHRASE });
    const { code, stdout, stderr } = await runCommand("node", [file, JSON.stringify(given)], {
      cwd: "/",
      env,
    });
    expect(code, stderr).toBe(0);
    return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
  }

  test("an inline program without a main is an error that names the folder and what to give", async (context) => {
    const own = await lab(context);
    const said = await service(own, await need(context, "TEST_PULUMI_BIN"), NO_MAIN);
    const remedy = "An inline program needs a `main`: a folder whose package.json depends on both packages.";
    expect(said).toEqual([expect.stringContaining(remedy)]);
    expect(said[0]).toContain("in / and cannot find @pulumi/pulumi from there");
    expect(own.host.count()).toBe(0);
  });

  test("inline programs of several stacks run at once, and clone what another stack made", async (context) => {
    const own = await lab(context);
    const binDir = await need(context, "TEST_PULUMI_BIN");
    // The stack and its clone.
    expect(await service(own, binDir, COURSE)).toEqual([[{ create: 2 }, { create: 2 }]]);
    await own.host.expectVms(...OF_COURSE, "bob: poweredOff");
    await service(own, binDir, DESTROY);
    await own.host.expectVms(...OF_COURSE);
  });

  test("after a killed CLI a local workspace is locked until it is cancelled, and nothing is left half made", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    const ova = await serveGatedOva();
    context.onTestFinished(() => ova.close());
    await project.declare({ web: { ovaPath: ova.url } });
    const run = project.start("up");
    await host.until(() => ova.waiting() === 1, "an upload in the middle");
    run.kill();
    await run.result;
    await host.expectVms(...OF_COURSE);

    ova.open();
    const said = await service(own, await need(context, "TEST_PULUMI_BIN"), LOCAL);
    expect(said).toEqual(["locked", { create: 1, same: 1 }]);
    await host.expectVms(...OF_COURSE, "web: poweredOn");
  });
});

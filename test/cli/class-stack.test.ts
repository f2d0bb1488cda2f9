/** The committed stack of a class: thirty people on two hosts; one leaves, one comes, a third host comes. */
import { readFileSync } from "node:fs";
import { cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { succeeded } from "../support/lab.ts";
import { need } from "../support/prerequisites.ts";
import { PulumiProject } from "../support/pulumi-project.ts";
import type { PulumiResult } from "../support/pulumi-run.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { vmsOn } from "./two-hosts.ts";

const GROUPS = ["blue", "gold", "green", "grey", "red"];
const FILES = ["inventory.json", "lab.dhcp", "lab.hosts", "ssh_config"].map((file) => `class-${file}`);

test("a class follows its roster and its hosts, and each preview names exactly what comes and goes", {
  timeout: 600_000,
}, async (context) => {
  const hosts = await Promise.all(["lab1", "lab2", "lab3"].map(() => opened(context)));
  const [one, two, three] = hosts as [SimulatedHost, SimulatedHost, SimulatedHost];
  const project = await classProject(context, { lab1: one, lab2: two });
  const roster = await readFile(join(root, "stacks/roster.csv"), "utf8");
  const logins = [...roster.matchAll(/^(\w+);(?!name)/gm)].map(([, login = ""]) => login);
  const file = (name: string) => readFile(join(project.folder, "out", name), "utf8");

  const changesOf = (result: PulumiResult) => {
    const { same: _, ...changes } = succeeded(result).steps;
    return changes;
  };

  const atPowerOn: string[] = [];
  for (const { simulator } of hosts)
    simulator.faults.add({
      method: "PowerOnVM_Task",
      action: "continue",
      onWork: () => void atPowerOn.push(readFileSync(join(project.folder, "out/lab.dhcp"), "utf8")),
    });
  await project.write("roster.csv", roster);
  expect(changesOf(await project.up()).create).toHaveLength(
    30 + 2 + 2 * GROUPS.length + FILES.length + 1 + 2 + GROUPS.length,
  );
  const machines = [...vmsOn(one), ...vmsOn(two)].filter((name) => !name.includes("base"));
  expect(machines.sort()).toEqual(logins.map((login) => `class-${login}`).sort());
  expect([vmsOn(one).length, vmsOn(two).length]).toEqual([16, 16]);
  const before = (await file("lab.dhcp")).trim().split("\n");
  expect(before).toHaveLength(30);
  // The reservations of all were there before the first of them booted.
  expect(atPowerOn.length).toBeGreaterThanOrEqual(30);
  for (const content of atPowerOn) expect(content.trim().split("\n")).toEqual(before);
  for (const { simulator } of hosts) simulator.faults.clear();
  expect(new Set(before.map((line) => line.split(",")[0])).size).toBe(30);
  for (const line of before) {
    const [macAddress = "", , , login] = line.split(",");
    const host = [one, two].find((each) => vmsOn(each).includes(`class-${login}`));
    expect(JSON.stringify(host?.vm(`class-${login}`).config.hardware?.device)).toContain(macAddress);
  }
  const inventory: unknown = JSON.parse(await file("inventory.json"));
  expect(JSON.stringify(inventory)).toContain("Élodie Moreau");

  await project.useHosts({ lab3: three });
  await project.setConfig({ "class:places": ["lab1", "lab2", "lab3"] });
  const ofLab3 = ["class-base-lab3", ...GROUPS.map((group) => `class-${group}-lab3`)];
  // A host that comes alone moves nobody.
  expect(changesOf(await project.preview())).toEqual({ create: ofLab3.toSorted() });

  await project.write(
    "roster.csv",
    `${roster.replace(/^ivan;.*\n/m, "")}oscar;Oscar Wilde;blue\npenny;Penny Lane;red\n`,
  );
  const previewed = succeeded(await project.preview());
  const done = succeeded(await project.up());
  expect(done.steps).toEqual(previewed.steps);
  expect(changesOf(done)).toEqual({
    create: [...ofLab3, "class-oscar", "class-penny"].sort(),
    delete: ["class-ivan"],
    update: ["class-addresses-blue", "class-addresses-red", ...FILES, "class-placement"].sort(),
  });
  expect(vmsOn(three)).toEqual(["class-base-lab3", "class-oscar", "class-penny"]);
  const after = (await file("lab.dhcp")).trim().split("\n");
  const loginsOf = (lines: readonly string[]) => lines.map((line) => line.split(",")[3]).sort();
  expect(loginsOf(before.filter((line) => !after.includes(line)))).toEqual(["ivan"]);
  expect(loginsOf(after.filter((line) => !before.includes(line)))).toEqual(["oscar", "penny"]);

  succeeded(await project.destroy());
  for (const host of hosts) await host.expectEmpty();
  await expect(file("lab.dhcp")).rejects.toThrow("ENOENT");
});

async function opened(context: TestContext): Promise<SimulatedHost> {
  const host = await SimulatedHost.start({ guestAddressDelayMs: 4 });
  context.onTestFinished(() => host.stop());
  return host;
}

/** The committed program, told of a roster. */
async function classProject(
  context: TestContext,
  hosts: Readonly<Record<string, SimulatedHost>>,
): Promise<PulumiProject> {
  const project = await PulumiProject.make(await need(context, "TEST_PULUMI_BIN"));
  context.onTestFinished(() => project.remove());
  for (const name of ["stacks", "images"])
    await cp(join(root, name), join(project.folder, name), { recursive: true });
  await symlink(join(root, "node_modules/csv-parse"), join(project.folder, "node_modules/csv-parse"));
  await project.write("index.js", 'export * from "./stacks/index.ts";\n');
  await project.useHosts(hosts);
  await project.setConfig({
    "ova:path": "images/tinyVM.ova",
    "ova:namePrefix": "tiny-",
    "ova:numInstances": "0",
    "class:roster": "roster.csv",
    "class:places": Object.keys(hosts),
  });
  return project;
}

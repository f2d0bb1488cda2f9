import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pulumiEnvironment } from "../cli/environment.ts";
import { ensurePulumi } from "../cli/pulumi.ts";
import { root } from "../setup/cache.mjs";
import { run } from "../setup/child.mjs";
import { DEMO } from "./folders.ts";
import { heading } from "./heading.ts";
import { type RunningHost, startHost } from "./host.ts";

/** Where this tour keeps its hosts, its stack and its files; it begins anew each time. */
const FOLDER = join(DEMO, "class");
const STACK = "demo-class";
const CONFIG = join(root, `Pulumi.${STACK}.yaml`);
const PASSWORD = "for this demo only";

interface Host {
  readonly name: string;
  readonly running: RunningHost;
  stop(): Promise<void>;
}

/** Shows a class of thirty people on two simulated hosts; then one leaves, one comes, and a third host comes. */
export async function classTour(): Promise<number> {
  rmSync(FOLDER, { recursive: true, force: true });
  rmSync(CONFIG, { force: true });
  mkdirSync(join(FOLDER, "backend"), { recursive: true });
  const hosts: Host[] = [];
  try {
    hosts.push(await open("lab1"), await open("lab2"));
    const pulumi = await stackOn(hosts);
    const steps = async (...commands: (readonly [title: string, args: readonly string[]])[]) => {
      for (const [title, args] of commands) {
        heading(title);
        const code = await pulumi(args);
        if (code !== 0) return code;
      }
      return 0;
    };
    const up = ["up", "--yes", "--skip-preview"];
    let roster = readFileSync(join(root, "stacks/roster.csv"), "utf8");
    writeRoster(roster);
    let code = await steps(
      ["Thirty people of stacks/roster.csv, on two hosts: pulumi preview", ["preview"]],
      ["Make it: pulumi up", up],
    );
    if (code !== 0) return code;
    show("inventory.json");
    show("lab.dhcp");

    roster = `${roster.replace(/^ivan;.*\n/m, "")}oscar;Oscar Wilde;blue\n`;
    writeRoster(roster);
    code = await steps(
      ["Ivan leaves, Oscar comes: pulumi preview names exactly these two", ["preview"]],
      ["pulumi up", up],
    );
    if (code !== 0) return code;

    const third = await open("lab3");
    hosts.push(third);
    await configure([third], hosts, pulumi);
    code = await steps(
      ["A third host comes: pulumi preview has its base and port groups, and nobody moves", ["preview"]],
      ["pulumi up", up],
    );
    if (code !== 0) return code;
    writeRoster(`${roster}penny;Penny Lane;red\n`);
    return await steps(
      ["Penny comes, and goes to the new host: pulumi preview", ["preview"]],
      ["pulumi up", up],
    );
  } finally {
    for (const { stop } of hosts) await stop();
  }
}

async function open(name: string): Promise<Host> {
  const state = ["--state", join(FOLDER, name)];
  const { host, stop } = await startHost(state, { SIMULATOR_PASSWORD: PASSWORD });
  return { name, running: host, stop };
}

type Pulumi = (args: readonly string[]) => Promise<number>;

async function stackOn(hosts: readonly Host[]): Promise<Pulumi> {
  const { binDir } = await ensurePulumi();
  const home = join(DEMO, "pulumi");
  mkdirSync(home, { recursive: true });
  const env = pulumiEnvironment({ binDir, home, backend: join(FOLDER, "backend"), passphrase: PASSWORD });
  const pulumi: Pulumi = async (args) => {
    const { code } = await run("pulumi", args, { cwd: root, env: { ...env, PULUMI_STACK: STACK } });
    return code ?? 1;
  };
  const values = {
    "ova:path": "images/tinyVM.ova",
    "ova:datastore": "datastore1",
    "ova:numInstances": "0",
    "ova:namePrefix": "tiny-",
    "class:roster": join(FOLDER, "roster.csv"),
    "class:folder": join(FOLDER, "out"),
  };
  writeFileSync(
    CONFIG,
    `config:\n${Object.entries(values)
      .map(([key, value]) => `  ${key}: "${value}"\n`)
      .join("")}`,
  );
  await must(pulumi, ["stack", "init", STACK]);
  await configure(hosts, hosts, pulumi);
  return pulumi;
}

/** Says how to reach new hosts, and on which all machines may be. */
async function configure(added: readonly Host[], all: readonly Host[], pulumi: Pulumi): Promise<void> {
  for (const { name, running } of added) {
    const at = `esxi:hosts.${name}`;
    const values = { host: running.url, username: running.username, thumbprint: running.thumbprint };
    for (const [key, value] of Object.entries(values))
      await must(pulumi, ["config", "set", "--path", `${at}.${key}`, value]);
    // A password that everybody knows; others are handed over on standard input.
    await must(pulumi, ["config", "set", "--secret", "--path", `${at}.password`, PASSWORD]);
    await must(pulumi, [
      "config",
      "set",
      "--path",
      `class:places[${all.findIndex((one) => one.name === name)}]`,
      name,
    ]);
  }
}

async function must(pulumi: Pulumi, args: readonly string[]): Promise<void> {
  if ((await pulumi(args)) !== 0) throw new Error(`pulumi ${args[0]} ${args[1]} failed.`);
}

const writeRoster = (text: string) => writeFileSync(join(FOLDER, "roster.csv"), text);

/** The first lines of a file that the stack has written. */
function show(name: string): void {
  heading(`.demo/class/out/${name}`);
  console.log(
    readFileSync(join(FOLDER, "out", name), "utf8")
      .split("\n")
      .slice(0, 8)
      .join("\n"),
  );
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../setup/cache.mjs";
import { DEMO } from "./folders.ts";
import { heading } from "./heading.ts";
import { type RunningHost, startHost } from "./host.ts";
import { must, openTour, type Pulumi, steps, TOUR_PASSWORD } from "./tour.ts";

/** Where this tour keeps its hosts, its stack and its files. */
const FOLDER = join(DEMO, "class");

interface Host {
  readonly name: string;
  readonly running: RunningHost;
  stop(): Promise<void>;
}

/** Shows a class of thirty people on two simulated hosts; then one leaves, one comes, and a third host comes. */
export async function classTour(): Promise<number> {
  const { pulumi } = await openTour("class", CLASS);
  const hosts: Host[] = [];
  try {
    hosts.push(await open("lab1"), await open("lab2"));
    await configure(hosts, hosts, pulumi);
    const up = ["up", "--yes", "--skip-preview"];
    let roster = readFileSync(join(root, "stacks/roster.csv"), "utf8");
    writeRoster(roster);
    let code = await steps(pulumi, [
      ["Thirty people of stacks/roster.csv, on two hosts: pulumi preview", ["preview"]],
      ["Make it: pulumi up", up],
    ]);
    if (code !== 0) return code;
    show("inventory.json");
    show("lab.dhcp");

    roster = `${roster.replace(/^ivan;.*\n/m, "")}oscar;Oscar Wilde;blue\n`;
    writeRoster(roster);
    code = await steps(pulumi, [
      ["Ivan leaves, Oscar comes: pulumi preview names exactly these two", ["preview"]],
      ["pulumi up", up],
    ]);
    if (code !== 0) return code;

    const third = await open("lab3");
    hosts.push(third);
    await configure([third], hosts, pulumi);
    code = await steps(pulumi, [
      ["A third host comes: pulumi preview has its base and port groups, and nobody moves", ["preview"]],
      ["pulumi up", up],
    ]);
    if (code !== 0) return code;
    writeRoster(`${roster}penny;Penny Lane;red\n`);
    return await steps(pulumi, [
      ["Penny comes, and goes to the new host: pulumi preview", ["preview"]],
      ["pulumi up", up],
    ]);
  } finally {
    for (const { stop } of hosts) await stop();
  }
}

async function open(name: string): Promise<Host> {
  const state = ["--state", join(FOLDER, name)];
  const { host, stop } = await startHost(state, { SIMULATOR_PASSWORD: TOUR_PASSWORD });
  return { name, running: host, stop };
}

const CLASS = {
  "ova:path": "images/tinyVM.ova",
  "ova:datastore": "datastore1",
  "ova:numInstances": "0",
  "ova:namePrefix": "tiny-",
  "class:roster": join(FOLDER, "roster.csv"),
  "class:folder": join(FOLDER, "out"),
};

/** Says how to reach new hosts, and on which all machines may be. */
async function configure(added: readonly Host[], all: readonly Host[], pulumi: Pulumi): Promise<void> {
  for (const { name, running } of added) {
    const at = `esxi:hosts.${name}`;
    const values = { host: running.url, username: running.username, thumbprint: running.thumbprint };
    for (const [key, value] of Object.entries(values))
      await must(pulumi, ["config", "set", "--path", `${at}.${key}`, value]);
    // A password that everybody knows; others are handed over on standard input.
    await must(pulumi, ["config", "set", "--secret", "--path", `${at}.password`, TOUR_PASSWORD]);
    await must(pulumi, [
      "config",
      "set",
      "--path",
      `class:places[${all.findIndex((one) => one.name === name)}]`,
      name,
    ]);
  }
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

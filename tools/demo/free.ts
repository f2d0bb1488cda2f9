import { join } from "node:path";
import { listFolder } from "../../provider/host/datastore/datastore-listing.ts";
import { EsxiHost } from "../../provider/host/esxi-host.ts";
import { hostSettings } from "../../provider/runtime/stack-configuration.ts";
import { heading } from "./heading.ts";
import { type RunningHost, startHost } from "./host.ts";
import { listVms } from "./list-vms.ts";
import { must, openTour, steps, TOUR_PASSWORD } from "./tour.ts";

const UP = ["up", "--yes", "--skip-preview"];

/** Shows the course on a host whose licence lets the API only read: everything is done over SSH. */
export async function freeTour(): Promise<number> {
  const { pulumi, folder } = await openTour("free", COURSE);
  const args = ["--state", join(folder, "host"), "--license", "free", "--ssh", "127.0.0.1:0"];
  const { host, stop } = await startHost(args, { SIMULATOR_PASSWORD: TOUR_PASSWORD });
  try {
    const configuration = configurationOf(host);
    for (const [key, value] of configuration)
      await must(pulumi, ["config", "set", ...(key === "esxi:password" ? ["--secret"] : []), key, value]);
    let code = await steps(pulumi, [
      ["A host with a free licence: pulumi preview", ["preview"]],
      ["Make it, over SSH: pulumi up", UP],
    ]);
    if (code !== 0) return code;
    await listVms({ configuration: () => configuration });
    code = await steps(pulumi, [
      ["Again, with nothing to do: pulumi up", [...UP, "--expect-no-changes"]],
      ["Four of the OVA and three clones", ["config", "set", "ova:numInstances", "4"]],
      ["pulumi config set clones:numClones 3", ["config", "set", "clones:numClones", "3"]],
      ["pulumi up", UP],
      ["One of each", ["config", "set", "ova:numInstances", "1"]],
      ["pulumi config set clones:numClones 1", ["config", "set", "clones:numClones", "1"]],
      ["pulumi up", UP],
      ["And all away: pulumi destroy", ["destroy", "--yes", "--skip-preview"]],
    ]);
    if (code !== 0) return code;
    heading("What the host has now");
    const left = await leftOn(configuration);
    console.log(
      left.length === 0 ? "Nothing: no machine, and no file or folder on its datastores." : left.join("\n"),
    );
    return left.length === 0 ? 0 : 1;
  } finally {
    await stop();
  }
}

/** The course: one OVA three times, linked clones of it, and a machine from nothing with a CD. */
const COURSE = {
  "ova:path": "images/tinyVM.ova",
  "ova:datastore": "datastore1",
  "ova:numInstances": "3",
  "ova:namePrefix": "tiny-",
  "ova:waitForIp": "true",
  "clones:numClones": "2",
  "clones:mode": "linked",
  "clones:waitForIp": "true",
  "scratch:numVms": "1",
  "scratch:name": "core",
  "scratch:datastore": "datastore1",
  "scratch:guestId": "otherLinux64Guest",
  "scratch:memory": "128",
  "scratch:diskSizeMb": "1024",
  "scratch:isoFile": "images/tinyCD.iso",
  "scratch:isoFolder": "iso",
};

/** How a program reaches that host. */
function configurationOf({ url, username, thumbprint, ssh }: RunningHost): ReadonlyMap<string, string> {
  return new Map([
    ["esxi:host", url],
    ["esxi:username", username],
    // A password that everybody knows; others are handed over on standard input.
    ["esxi:password", TOUR_PASSWORD],
    ["esxi:thumbprint", thumbprint],
    ["esxi:sshPort", String(ssh?.port ?? 22)],
    ["esxi:sshHostKey", ssh?.hostKeySha256 ?? ""],
  ]);
}

/** Machines of a host, and all that lies on its datastores, as it tells them itself. */
export async function leftOn(configuration: ReadonlyMap<string, string>): Promise<string[]> {
  const host = new EsxiHost(hostSettings({ get: (key) => configuration.get(key) }, undefined, {}));
  try {
    const { vms } = await host.vms.inventory();
    const { datastores } = await host.facts();
    const { signal } = new AbortController();
    const entries: string[] = [];
    for (const { name } of datastores) {
      const inside = await listFolder(host, { datastore: name, path: "" }, signal);
      for (const entry of inside ?? []) entries.push(`[${name}] ${entry.name}`);
    }
    return [...vms.map((vm) => `virtual machine ${vm.name}`), ...entries];
  } finally {
    await host.close();
  }
}

import { expect } from "vitest";
import { createVm, disk, nic, SCSI } from "../simulator/host/lab.ts";
import { PASSWORD, RawClient } from "../simulator/host/raw-client.ts";
import type { PulumiProject } from "../support/pulumi-project.ts";
import { SimulatedHost } from "../support/simulated-host.ts";

const GIB = 1024 ** 3;
/** Datastores by the names of hosts; `""` is the host of `esxi:host`, the others are in `esxi:hosts`. */
const HOSTS = { "": ["datastore1"], lab1: ["datastore1"], lab2: ["datastore1", "ssd"] };
const NAMES = Object.keys(HOSTS);

/**
 * The hosts that examples are written for: the one of `esxi:host`, `lab1` and `lab2`, each with a datastore datastore1, the
 * last with ssd too, all with the port groups VM Network and lab-net, and a machine debian-12 that nobody manages.
 */
export class ExampleHosts {
  readonly #hosts: readonly SimulatedHost[];

  private constructor(hosts: readonly SimulatedHost[]) {
    this.#hosts = hosts;
  }

  static async start(): Promise<ExampleHosts> {
    return new ExampleHosts(await Promise.all(Object.values(HOSTS).map(startHost)));
  }

  /** Tells a project the names; where the hosts are is in the environment of each run. */
  static async configure(project: PulumiProject): Promise<void> {
    const named = NAMES.filter((name) => name !== "").map((name) => [name, { insecure: false }]);
    await project.setConfig({ "esxi:hosts": JSON.stringify(Object.fromEntries(named)) });
  }

  /** How to reach them. */
  get environment(): NodeJS.ProcessEnv {
    const entries = this.#hosts.flatMap(({ url, username, password, thumbprint }, index) => {
      const prefix = ["ESXI", ...[NAMES[index] ?? ""].filter((name) => name !== "")].join("_").toUpperCase();
      return Object.entries({
        HOST: url,
        USERNAME: username,
        PASSWORD: password,
        THUMBPRINT: thumbprint,
      }).map(([key, value]) => [`${prefix}_${key}`, value]);
    });
    return Object.fromEntries(entries);
  }

  /** Fails unless nothing is left of what an example made, but for folders, which stay where they are made on the way. */
  async expectAsBefore(): Promise<void> {
    for (const host of this.#hosts) {
      const left = async () => {
        const { files, ...others } = await host.contents();
        return { ...others, files: files.filter((file) => !/\/$|\] debian-12\//.test(file)) };
      };
      // Pulumi does not wait for its providers' last requests.
      await expect.poll(left).toEqual({ vms: ["debian-12: poweredOff"], files: [], leases: 0, sessions: 0 });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
  }
}

async function startHost(names: readonly string[]): Promise<SimulatedHost> {
  const datastores = names.map((name) => ({ name, capacityBytes: 100 * GIB }));
  const host = await SimulatedHost.start({ datastores, password: PASSWORD, guestAddressDelayMs: 4 });
  const client = new RawClient(host.simulator);
  await client.login();
  await createVm(client, "debian-12", { memoryMB: 512, tail: SCSI + disk(8192) + nic() });
  await client.ok("Logout", "SessionManager:ha-sessionmgr");
  await client.close();
  return host;
}

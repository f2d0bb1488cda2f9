/** What each release has written to its users' state must be read by all later ones: these files never change. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { ProviderProcess } from "./provider-process.ts";

type Properties = Readonly<Record<string, unknown>>;

const STATES = join(import.meta.dirname, "states");

/** Outputs that say which VM on which host it is, and what it got from there. */
const OF_THE_HOST = [
  "moid",
  "uuid",
  "instanceUuid",
  "vmxPath",
  "hostUuid",
  "macAddresses",
  "guestIpAddresses",
  "defaultIpAddress",
];

let host: SimulatedHost;
let provider: ProviderProcess;

beforeEach(async () => {
  host = await SimulatedHost.start();
  provider = await ProviderProcess.start("127.0.0.1:1", {
    "esxi:host": host.url,
    "esxi:username": host.username,
    "esxi:password": host.password,
    "esxi:thumbprint": host.thumbprint,
  });
});

afterEach(async () => {
  await provider.kill();
  await host.stop();
});

describe.each(readdirSync(STATES))("the state of release %s", (file) => {
  const { inputs, outputs } = JSON.parse(readFileSync(join(STATES, file), "utf8")) as {
    inputs: Properties;
    outputs: Properties;
  };

  /** The VM that the state speaks of, made on this test's host. */
  async function made(): Promise<{ id: string; outputs: Properties }> {
    const { id, properties } = await provider.create(inputs);
    const real = OF_THE_HOST.map((key) => [key, properties[key]] as const);
    return { id, outputs: { ...outputs, ...Object.fromEntries(real) } };
  }

  test("needs no change by the same program", async () => {
    const { inputs: news, failures } = await provider.check(inputs, inputs);
    expect(failures).toEqual([]);
    expect(news).toEqual(inputs);
    expect(await provider.diff("id", outputs, news)).toMatchObject({ changes: false, replaces: [] });
  });

  test("is refreshed, and then still needs no change", async () => {
    const vm = await made();
    const read = await provider.read(vm.id, vm.outputs);
    expect(read).toEqual({ id: vm.id, properties: vm.outputs });
    expect(await provider.diff(vm.id, read.properties, inputs)).toMatchObject({ changes: false });
  });

  test("is updated in place", async () => {
    const vm = await made();
    const news = { ...inputs, memory: 128, extraConfig: {} };
    expect(await provider.diff(vm.id, vm.outputs, news)).toMatchObject({ changes: true, replaces: [] });
    const updated = await provider.update(vm.id, vm.outputs, news);
    expect(updated).toMatchObject({ instanceUuid: vm.id, memory: 128 });
    const { config } = host.vm("tiny");
    expect(config.hardware.memoryMB).toBe(128);
    expect(config.extraConfig?.map(({ key }) => key)).not.toContain("guestinfo.role");
  });

  test("is destroyed", async () => {
    const vm = await made();
    await provider.delete(vm.id, vm.outputs);
    expect(await host.contents()).toMatchObject({ vms: [], files: [] });
  });

  test("is finished where a run was interrupted", async () => {
    const unfinished = { ...outputs, __phase: "unfinished" };
    expect(await provider.diff("id", unfinished, inputs)).toMatchObject({ changes: true, replaces: [] });
  });
});

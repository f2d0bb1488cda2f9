import { afterEach, describe, expect, test } from "vitest";
import { VimClient } from "../../../../provider/vim/client.ts";
import { isFault } from "../../../../provider/vim/faults.ts";
import { retrieveAll, retrieveMany, retrieveOne } from "../../../../provider/vim/reads/property-collector.ts";
import { createHostAgent } from "../../../../provider/vim/tls/tls.ts";
import type { SimulatorOptions } from "../../../../simulator/index.ts";
import { SimulatedHost } from "../../../support/simulated-host.ts";

const DATASTORES = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * 1024 ** 3 }));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startHost(options: Partial<SimulatorOptions> = {}) {
  const simulated = await SimulatedHost.start({ password: "pw", datastores: DATASTORES, ...options });
  closing.push(() => simulated.stop());
  const host = simulated.simulator;
  const agent = createHostAgent({ origin: host.url, thumbprint: host.thumbprint });
  closing.push(() => agent.destroy());
  const identity = { origin: host.url, username: host.username, password: () => "pw" };
  const client = new VimClient({ host: "lab1", agent, ...identity });
  await client.connect();
  host.requests.clear();
  return { host, client };
}

const GONE = { type: "Datastore", value: "no-such" };

describe("all objects of a type", () => {
  test("take one request, with just the wanted properties", async () => {
    const { host, client } = await startHost({ networks: ["VM Network", "lab-net", "mgmt"] });
    const networks = await retrieveAll(client, "Network", ["name"]);
    expect(networks.map(({ properties }) => properties.name).sort()).toEqual([
      "VM Network",
      "lab-net",
      "mgmt",
    ]);
    expect(networks.map(({ ref }) => ref.type)).toEqual(["Network", "Network", "Network"]);
    expect(Object.keys(networks[0]?.properties ?? {})).toEqual(["name"]);
    expect(host.requests.count()).toBe(1);
  });

  test.each([
    ["HostSystem", 1],
    ["Datastore", 2],
    ["ResourcePool", 1],
    ["ComputeResource", 1],
    ["Datacenter", 1],
    ["VirtualMachine", 0],
  ] as const)("%s are found wherever the inventory keeps them", async (type, count) => {
    const { client } = await startHost();
    expect(await retrieveAll(client, type, ["name"])).toHaveLength(count);
  });

  test("come complete from a host that answers in pages", async () => {
    const networks = Array.from({ length: 25 }, (_, index) => `net-${index}`);
    const { host, client } = await startHost({ networks, maxObjectsPerReply: 10 });
    const found = await retrieveAll(client, "Network", ["name"]);
    expect(found.map(({ properties }) => properties.name).sort()).toEqual(networks.sort());
    expect(host.requests.count("ContinueRetrievePropertiesEx")).toBe(2);
  });

  test("of a type that the inventory does not hold are refused", async () => {
    const { client } = await startHost();
    await expect(retrieveAll(client, "Task", ["info"])).rejects.toThrow("Task objects are not found");
  });
});

describe("given objects", () => {
  test("have values at nested paths, and nothing where the host has nothing", async () => {
    const { client } = await startHost();
    const [found] = await retrieveAll(client, "Datastore", ["name"]);
    if (!found) throw new Error("no datastore");
    const values = await retrieveOne(client, found.ref, "Datastore", [
      "summary.capacity",
      "summary.url",
      "parent",
    ]);
    expect(values["summary.capacity"]).toBe(100 * 1024 ** 3);
    expect(values["summary.url"]).toContain(found.ref.value);
  });

  test("that are gone are left out of many", async () => {
    const { host, client } = await startHost();
    const all = await retrieveAll(client, "Datastore", ["name"]);
    const refs = [GONE, ...all.map(({ ref }) => ref), { ...GONE, value: "neither" }];
    host.requests.clear();
    const found = await retrieveMany(client, refs, "Datastore", ["name"]);
    expect(found).toEqual(all);
    expect(host.requests.count()).toBe(3);
    expect(await retrieveMany(client, [GONE], "Datastore", ["name"])).toEqual([]);
  });

  test("of which there are none take no request", async () => {
    const { host, client } = await startHost();
    expect(await retrieveMany(client, [], "Datastore", ["name"])).toEqual([]);
    expect(host.requests.count()).toBe(0);
  });

  test("that are gone are a fault for one", async () => {
    const { client } = await startHost();
    const error: unknown = await retrieveOne(client, GONE, "Datastore", ["name"]).catch(
      (reason: unknown) => reason,
    );
    expect(isFault(error, "ManagedObjectNotFound")).toBe(true);
  });
});

describe("objects of several types that are asked for at the same moment", () => {
  async function askedTogether(datastore: { readonly type: string; readonly value: string } | undefined) {
    const { host, client } = await startHost();
    const [pool] = await retrieveAll(client, "ResourcePool", ["name"]);
    const [store] = await retrieveAll(client, "Datastore", ["name"]);
    if (!pool || !store) throw new Error("The host has no pool or no datastore.");
    host.requests.clear();
    const found = await Promise.all([
      retrieveMany(client, [pool.ref], "ResourcePool", ["name"]),
      retrieveMany(client, [datastore ?? store.ref, store.ref], "Datastore", ["name"]),
    ]);
    const names = found.map((objects) => objects.map(({ properties }) => properties.name));
    return {
      names,
      calls: host.requests.count(),
      expected: [[pool.properties.name], [store.properties.name]],
    };
  }

  test("are read by one call, and each asker gets its own", async () => {
    const { names, calls, expected } = await askedTogether(undefined);
    expect(names.map((each) => [...new Set(each)])).toEqual(expected);
    expect(calls).toBe(1);
  });

  test("are read by one call for all who ask for the same of the same type", async () => {
    const { host, client } = await startHost();
    const all = await retrieveAll(client, "Datastore", ["name"]);
    const [first, second] = all;
    if (!first || !second) throw new Error("The host has fewer than two datastores.");
    host.requests.clear();
    const askers = [[first.ref], [second.ref, first.ref], [GONE], [second.ref]];
    const found = await Promise.all(askers.map((refs) => retrieveMany(client, refs, "Datastore", ["name"])));
    expect(found).toEqual([[first], [second, first], [], [second]]);
    expect(host.requests.count()).toBe(2);
  });

  test("are read by one call with those of another type, however many are gone", async () => {
    const { host, client } = await startHost();
    const gone = [1, 2, 3].map((number) => ({ ...GONE, value: `gone-${number}` }));
    const [pools, stores] = await Promise.all([
      retrieveAll(client, "ResourcePool", ["name"]),
      retrieveMany(client, gone, "Datastore", ["name"]),
    ]);
    expect(pools).toHaveLength(1);
    expect(stores).toEqual([]);
    expect(host.requests.count()).toBe(4);
  });

  test("are read apart where others ask for other properties of them", async () => {
    const { host, client } = await startHost({ networks: ["VM Network", "lab-net"] });
    const [named, placed, stores] = await Promise.all([
      retrieveAll(client, "Network", ["name"]),
      retrieveAll(client, "Network", ["name", "parent"]),
      retrieveAll(client, "Datastore", ["name"]),
    ]);
    expect(named.map(({ properties }) => Object.keys(properties))).toEqual([["name"], ["name"]]);
    expect(placed.map(({ properties }) => Object.keys(properties).sort())).toEqual([
      ["name", "parent"],
      ["name", "parent"],
    ]);
    expect(stores).toHaveLength(2);
    expect(host.requests.count()).toBe(2);
  });

  test("and that the host refuses to tell fail nobody else", async () => {
    const { client } = await startHost();
    const [pools, refused] = await Promise.allSettled([
      retrieveAll(client, "ResourcePool", ["name"]),
      retrieveAll(client, "Datastore", ["name.no.such"]),
    ]);
    expect(pools).toMatchObject({ status: "fulfilled", value: [{}] });
    expect(refused).toMatchObject({ status: "rejected", reason: { faultType: "InvalidProperty" } });
  });

  test("are asked for once where the host answers with a fault that is about no object", async () => {
    const { host, client } = await startHost();
    host.faults.add({
      method: "RetrievePropertiesEx",
      action: { fault: "SystemError", message: "out of memory", properties: { reason: "a test" } },
    });
    const answers = await Promise.allSettled([
      retrieveAll(client, "ResourcePool", ["name"]),
      retrieveAll(client, "Datastore", ["name"]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(host.requests.count("RetrievePropertiesEx")).toBe(1);
  });

  test("are read apart when one of them is gone, which fails nobody else", async () => {
    const { names, expected } = await askedTogether(GONE);
    expect(names).toEqual(expected);
  });
});

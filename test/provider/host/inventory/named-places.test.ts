import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import type { HostFacts } from "../../../../provider/host/host-facts.ts";
import {
  findDatastore,
  findNetwork,
  findResourcePool,
  inNetworkMap,
  theDatastore,
  theNetwork,
  theResourcePool,
} from "../../../../provider/host/inventory/named-places.ts";
import { withPaths } from "../../../../provider/host/pool/pool-paths.ts";
import { UnreadableError } from "../../../../provider/host/unreadable-error.ts";
import { connectTo } from "../../../support/esxi-host.ts";
import { SimulatedHost } from "../../../support/simulated-host.ts";
import { twoDatastores } from "../../../support/two-datastores.ts";

const GIB = 1024 ** 3;

let raw: SimulatedHost;
let host: EsxiHost;

beforeAll(async () => {
  const datastores = twoDatastores(GIB);
  raw = await SimulatedHost.start({ datastores, networks: ["VM Network", "lab-net"] });
  host = connectTo(raw);
});

afterAll(async () => {
  await host.close();
  await raw.stop();
});

test("a datastore and a port group are found by their names", async () => {
  expect(await findDatastore(host, "ssd")).toMatchObject({ name: "ssd", accessible: true });
  expect(await findNetwork(host, "lab-net", inNetworkMap("inside"))).toMatchObject({ type: "Network" });
});

test("no resource pool's name means the host's root pool", async () => {
  expect(await findResourcePool(host, undefined)).toEqual((await host.facts()).rootPool);
});

test("a datastore with a typing mistake is an error that guesses what was meant", async () => {
  const error = await findDatastore(host, "datstore1").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HostError);
  expect((error as Error).message).toBe(
    'esxi1 has no datastore "datstore1": did you mean "datastore1"? esxi1 has "datastore1", "ssd". ' +
      "Set `datastore` to one of them. Nothing was created.",
  );
});

test("an unknown port group is an error that says for which network of the OVF", async () => {
  await expect(findNetwork(host, "intranet", inNetworkMap("inside"))).rejects.toThrow(
    'esxi1 has no port group "intranet": esxi1 has "VM Network", "lab-net". ' +
      'Set `ovfNetworkMap` for the OVF\'s network "inside" to one of them.',
  );
});

test("an unknown resource pool is an error", async () => {
  await expect(findResourcePool(host, "students")).rejects.toThrow('esxi1 has no resource pool "students"');
});

test("with several datastores one must be named", async () => {
  await expect(findDatastore(host, undefined)).rejects.toThrow(
    'esxi1 has several datastores (datastore1, ssd): say which one to use in the resource\'s argument `datastore`, such as `datastore: "datastore1"`.',
  );
});

describe("by what is known of a host,", () => {
  const ref = (type: string, value: string) => ({ type, value });
  const datastore = (name: string, accessible = true) => ({
    ...{ ref: ref("Datastore", name), name, accessible, capacityBytes: GIB },
  });
  const network = (spelled: string) => ({ ref: ref("Network", spelled), name: "a/b", spelled });
  const facts = (given: Partial<HostFacts>): HostFacts => ({
    content: undefined as never,
    ...{ hostUuid: "", product: "", apiVersion: "", datastores: [], networks: [], resourcePools: [] },
    ...{
      hostSystem: ref("HostSystem", "h"),
      vmFolder: ref("Folder", "f"),
      rootPool: ref("ResourcePool", "r"),
    },
    ...given,
  });

  test("the only datastore needs no name, and one that is away is neither used nor taken for gone", () => {
    expect(theDatastore("h", facts({ datastores: [datastore("ds")] }), undefined).name).toBe("ds");
    const away = facts({ datastores: [datastore("ds"), datastore("nfs", false)] });
    expect(() => theDatastore("h", away, "nfs")).toThrow(UnreadableError);
    expect(() => theDatastore("h", away, undefined)).toThrow(
      "several datastores (ds, nfs): say which one to use in the resource's argument `datastore`",
    );
    expect(theDatastore("h", away, "ds").name).toBe("ds");
    expect(() => theDatastore("h", facts({}), undefined)).toThrow('has no datastore "": h has no datastores');
  });

  test("a port group is the one that is spelled as written, and two that may be meant are refused", () => {
    const all = [network("a/b"), network("a%2fb"), network("a%2Fb")];
    expect(theNetwork("h", facts({ networks: all }), "a/b", "network").ref.value).toBe("a/b");
    expect(theNetwork("h", facts({ networks: all.slice(1, 2) }), "a/b", "network").ref.value).toBe("a%2fb");
    expect(() => theNetwork("h", facts({ networks: all.slice(1) }), "a/b", "network")).toThrow(
      'several port groups that "a/b" may mean: "a%2fb", "a%2Fb"',
    );
  });

  test("a pool is the one of that path, and two of a name are refused with their paths", () => {
    const pool = (value: string, name: string, parent: string) => ({
      ref: ref("ResourcePool", value),
      properties: { name, parent: ref(parent === "" ? "ComputeResource" : "ResourcePool", parent) },
    });
    const resourcePools = withPaths([
      pool("root", "Resources", ""),
      ...["one", "two"].flatMap((name) => [pool(name, name, "root"), pool(`in-${name}`, "same", name)]),
    ]);
    const meant = (name: string) =>
      theResourcePool("h", facts({ resourcePools }), name, "resourcePool").ref.value;
    expect(meant("two/same")).toBe("in-two");
    expect(meant("one")).toBe("one");
    expect(() => meant("same")).toThrow('set `resourcePool` to the path of one, "one/same", "two/same"');
  });
});

describe("what was made after the host was first read", () => {
  const signal = new AbortController().signal;

  test("is found: a port group, a pool, and a datastore that is back", async () => {
    const own = connectTo(raw);
    const stale = await own.facts();
    const { rootPool } = stale;
    const shares = { level: "normal", shares: 0 } as const;
    const allocation = { reservation: 0, expandableReservation: true, limit: -1, shares };
    const spec = { cpuAllocation: allocation, memoryAllocation: allocation };
    const made = await host.client.call(rootPool, "CreateResourcePool", { name: "later", spec }, { signal });
    expect(await findResourcePool(own, "later")).toEqual(made);
    expect((await own.facts()).resourcePools).toHaveLength(stale.resourcePools.length + 1);
    await own.close();
  });

  test("is looked for once, and not at all where it is known", async () => {
    const own = connectTo(raw);
    await own.facts();
    raw.simulator.requests.clear();
    await findDatastore(own, "ssd");
    await findNetwork(own, "lab-net", "network");
    expect(raw.count("RetrievePropertiesEx")).toBe(0);
    await own.close();
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import {
  findDatastore,
  findNetwork,
  findResourcePool,
  inNetworkMap,
} from "../../../../provider/host/inventory/named-places.ts";
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

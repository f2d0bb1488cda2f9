/** What one answer of a host leaves out is looked for once more: to forget something that is there is dear. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { hostService } from "../../../provider/resources/host/host-service.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/host/resource-pool.lifecycle.ts";
import { isA } from "../../../provider/vim/codec/objects.ts";
import type { ObjectContent } from "../../../schema/index.ts";
import { Lab } from "./lab.ts";
import { Managed } from "./managed.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

/**
 * Changes the first answer of the host that `change` says it has changed.
 * @returns tells whether there was one
 */
function once(host: EsxiHost, change: (content: ObjectContent) => boolean): () => boolean {
  const call = host.client.call.bind(host.client);
  let done = false;
  const changed: typeof host.client.call = async (self, method, params, options) => {
    const result = await call(self, method, params, options);
    if (!done && isA(result, "RetrieveResult")) done = result.objects.some(change);
    return result;
  };
  host.client.call = changed;
  return () => done;
}

/** Leaves all files out of the first look into a folder. @returns tells whether there was one */
function onceWithoutFiles(host: EsxiHost): () => boolean {
  const task = host.task.bind(host);
  let done = false;
  host.task = async <T>(...args: Parameters<typeof task>) => {
    const result = await task<T>(...args);
    if (!done && isA(result, "HostDatastoreBrowserSearchResults")) {
      Object.assign(result, { file: [] });
      done = true;
    }
    return result;
  };
  return () => done;
}

/** Empties a property, or what stands in it. */
const empty = (type: string, path: string, inside?: string) => (content: ObjectContent) => {
  const property = content.propSet?.find(({ name }) => name === path);
  if (content.obj.type !== type || property === undefined) return false;
  if (inside === undefined) property.val = [];
  else if (typeof property.val === "object") property.val = { ...property.val, [inside]: [] };
  return true;
};

describe("a virtual machine that is not in the host's list", () => {
  const leaveOut = () => once(lab.host, empty("HostSystem", "vm"));

  test("once is still known after a refresh", async () => {
    const vm = await lab.create({ powerOn: false });
    await lab.restart();
    const wasLeftOut = leaveOut();
    expect((await lab.read(vm))?.outs).toMatchObject({ moid: lab.raw.vm("vm").moid });
    expect(wasLeftOut()).toBe(true);
  });

  test("once is still deleted", async () => {
    const vm = await lab.create({ powerOn: false });
    await lab.restart();
    const wasLeftOut = leaveOut();
    await lab.delete(vm);
    expect(wasLeftOut()).toBe(true);
    expect((await lab.raw.contents()).vms).toEqual([]);
  });

  test("and is not there is gone", async () => {
    const vm = await lab.create({ powerOn: false });
    await lab.raw.simulator.behindBack.destroy(lab.raw.vm("vm").moid);
    expect(await lab.read(vm)).toBeUndefined();
  });
});

test("a file that one look into its folder does not show is still known", async () => {
  await lab.write("a.iso", "a");
  const file = new Managed(lab, "DatastoreFile", datastoreFile);
  const state = await file.create({ path: "iso/a.iso", source: "a.iso" });
  const wasLeftOut = onceWithoutFiles(lab.host);
  expect((await file.read(state))?.outs).toEqual(state.outs);
  expect(wasLeftOut()).toBe(true);
});

test("a service that is not in the list once is put back as it was found", async () => {
  const service = new Managed(lab, "HostService", hostService);
  const state = await service.create({ service: "TSM-SSH", running: true });
  const wasLeftOut = once(lab.host, empty("HostServiceSystem", "serviceInfo", "service"));
  await service.delete(state);
  expect(wasLeftOut()).toBe(true);
  expect((await service.create({ service: "TSM-SSH" })).outs).toMatchObject({ running: false });
});

describe("a resource pool whose making is answered with the id of another", () => {
  test("is known by its own, and the other is left alone", async () => {
    const pool = new Managed(lab, "ResourcePool", resourcePool);
    const other = await pool.create({ name: "stranger" });
    const call = lab.host.client.call.bind(lab.host.client);
    const lying: typeof call = async (self, method, params, options) => {
      const result = await call(self, method, params, options);
      if (method === "CreateResourcePool" && isRef(result)) Object.assign(result, { value: other.id });
      return result;
    };
    lab.host.client.call = lying;
    const state = await pool.create({ name: "it" });
    expect(state.id).not.toBe(other.id);
    await pool.delete(state);
    expect((await pool.read(other))?.outs).toEqual(other.outs);
  });

  test("is not taken for the other if nobody could look, and nothing of the other is changed", async () => {
    const pool = new Managed(lab, "ResourcePool", resourcePool);
    const other = await pool.create({ name: "stranger" });
    const inputs = await pool.inputs({ name: "it" });
    const unseen = {
      id: other.id,
      inputs,
      outs: { ...inputs, moid: other.id, hostUuid: other.outs.hostUuid },
    };
    expect(await pool.read(unseen)).toBeUndefined();
    await expect(pool.update(unseen, { name: "it", cpuLimit: 500 })).rejects.toThrow(
      "is not on esxi1 any more",
    );
    await pool.delete(unseen);
    expect((await pool.read(other))?.outs).toEqual(other.outs);
  });
});

const isRef = (value: unknown): value is { value: string } =>
  typeof value === "object" && value !== null && "value" in value && typeof value.value === "string";

/** Clones through the API against vcsim, a host that others wrote. Its disks are files of their size without content. */
import { afterEach, expect, type TestContext, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { findResourcePool } from "../../../../provider/host/inventory/named-places.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { newAdapter } from "../../../../provider/host/vm/settings/network-interfaces.ts";
import type { Context, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { create as made } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice } from "../../../../schema/index.ts";
import { connectTo } from "../../../support/esxi-host.ts";
import { need } from "../../../support/prerequisites.ts";
import { startVcsim } from "../../../support/vcsim.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:DatastoreClone::";
const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Place {
  readonly host: EsxiHost;
  readonly lifecycle: Context;
}

async function open(context: TestContext): Promise<Place> {
  const vcsim = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: "secret" });
  const host = connectTo({ ...vcsim, password: "secret" }, "vcsim");
  cleanUps.push(vcsim.stop, () => host.close());
  const lifecycle: Context = {
    progress: { status: () => {}, info: () => {}, warn: () => {} },
    signal: new AbortController().signal,
    projectFolder: "/",
    host: () => host,
  };
  return { host, lifecycle };
}

async function clone(name: string, settings: Properties, context: Context) {
  const news = { name, ...settings, __provider: "text", __urn: `${URN}${name}` };
  const { inputs, failures } = await datastoreClone.check({}, news, context);
  expect(failures).toEqual([]);
  const { id, outs } = await datastoreClone.create(inputs, context);
  return { id, outs, inputs };
}

/** The machine to clone, made by plain calls. */
async function golden(host: EsxiHost): Promise<ObservedVm> {
  const { vmFolder } = await host.facts();
  const pool = await findResourcePool(host, undefined);
  const backing = made("VirtualDiskFlatVer2BackingInfo", {
    fileName: "[LocalDS_0]",
    diskMode: "persistent",
    thinProvisioned: true,
  });
  const disk = made("VirtualDisk", {
    key: -2,
    controllerKey: -1,
    unitNumber: 0,
    capacityInKB: 1024,
    backing,
  });
  const controller = made("VirtualLsiLogicController", { key: -1, busNumber: 0, sharedBus: "noSharing" });
  const card = newAdapter({ network: "VM Network" }, -3);
  const add = (device: VirtualDevice, fileOperation?: "create") =>
    made("VirtualDeviceConfigSpec", { operation: "add", device, ...(fileOperation && { fileOperation }) });
  const config = made("VirtualMachineConfigSpec", {
    name: "golden",
    guestId: "otherGuest",
    numCPUs: 1,
    memoryMB: 64,
    files: made("VirtualMachineFileInfo", { vmPathName: "[LocalDS_0]" }),
    deviceChange: [add(controller), add(disk, "create"), add(card)],
  });
  const { signal } = new AbortController();
  await host.task(() => host.client.call(vmFolder, "CreateVM_Task", { config, pool }), { signal });
  const [vm] = (await host.vms.inventory()).vms;
  if (vm === undefined) throw new Error("vcsim did not make the machine.");
  return vm;
}

test("a full clone lives on vcsim from create to delete, with a disk and an identity of its own", async (context) => {
  const { host, lifecycle } = await open(context);
  const source = await golden(host);
  const settings = { source: source.instanceUuid, transport: "api", memory: 128, annotation: "mine" };
  const student = await clone("student", settings, lifecycle);
  expect(student.outs).toMatchObject({
    memory: 128,
    annotation: "mine",
    powerState: "poweredOn",
    clonedFrom: { name: "golden", instanceUuid: source.instanceUuid },
  });
  expect(student.outs.uuid).not.toBe(source.uuid);
  expect(student.outs.macAddresses).not.toEqual(source.macAddresses);
  expect(await diskFiles(host, student.outs.moid)).toEqual([expect.stringContaining("student/")]);
  expect(await datastoreClone.diff(student.id, student.outs, student.inputs, lifecycle)).toMatchObject({
    changes: false,
  });
  expect((await datastoreClone.read(student.id, student.outs, lifecycle)).id).toBe(student.id);
  await datastoreClone.delete(student.id, student.outs, lifecycle);
  await datastoreClone.delete(student.id, student.outs, lifecycle);
  expect((await host.vms.inventory()).vms.map(({ name }) => name)).toEqual(["golden"]);
  expect(await diskFiles(host, source.moid)).toHaveLength(1);
});

test("many full clones of one machine at once are as many machines on vcsim", async (context) => {
  const { host, lifecycle } = await open(context);
  const source = await golden(host);
  const names = Array.from({ length: 6 }, (_, index) => `student-${index}`);
  const settings = { source: "golden", transport: "api", powerOn: false };
  const students = await Promise.all(names.map((name) => clone(name, settings, lifecycle)));
  expect(new Set([source.uuid, ...students.map(({ outs }) => outs.uuid)]).size).toBe(7);
  const files = await Promise.all(students.map(({ outs }) => diskFiles(host, outs.moid)));
  expect(new Set(files.flat()).size).toBe(6);
  await Promise.all(students.map(({ id, outs }) => datastoreClone.delete(id, outs, lifecycle)));
  expect((await host.vms.inventory()).vms.map(({ name }) => name)).toEqual(["golden"]);
});

async function diskFiles(host: EsxiHost, moid: unknown): Promise<string[]> {
  const vm = await host.vms.byReference({ type: "VirtualMachine", value: String(moid) });
  return (vm?.devices ?? []).flatMap(({ backing }) =>
    backing && "fileName" in backing && String(backing.fileName).endsWith(".vmdk")
      ? [String(backing.fileName)]
      : [],
  );
}

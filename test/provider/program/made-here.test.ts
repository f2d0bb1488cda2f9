import type * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test } from "vitest";
import { DatastoreFile, OvaDeployment, PortGroup, ResourcePool, ScratchVm } from "../../../provider/index.ts";
import { mockEngine } from "../../support/mock-engine.ts";

const registered = new Map<string, unknown>();

async function mock(preview: boolean): Promise<void> {
  registered.clear();
  await mockEngine(({ name, inputs }) => void registered.set(name, inputs.__madeHere), { preview });
}

const settled = (...resources: readonly pulumi.Resource[]) =>
  Promise.all(resources.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));

beforeEach(() => mock(true));

test("a preview hears which plain names the program makes something of, also of what is made after", async () => {
  const vm = new ScratchVm("vm", {
    resourcePool: "students/group-1",
    networkInterfaces: [{ network: "lab" }, { network: "VM Network" }],
    cdroms: [{ iso: "[datastore1] iso/core.iso" }],
    annotation: "nothing of it",
  });
  const pool = new ResourcePool("group-1", {});
  const net = new PortGroup("lab", { virtualSwitch: "vSwitch0" });
  const file = new DatastoreFile("iso", { path: "iso/core.iso", source: "core.iso" });
  await settled(vm, pool, net, file);
  expect(registered.get("vm")).toEqual(["students/group-1", "lab", "[datastore1] iso/core.iso"]);
});

test("a resource's own name is none, unless another resource makes something of the same name", async () => {
  const alone = new ScratchVm("alone", {});
  await settled(alone);
  expect(registered.get("alone")).toEqual([]);
  const twins = [new ScratchVm("one", { name: "twin" }), new ScratchVm("two", { name: "twin" })];
  await settled(...twins);
  expect(registered.get("two")).toEqual(["twin"]);
});

test("an OVA may be on any port group of the program, since its networks are named by the OVA", async () => {
  const ova = new OvaDeployment("ova", { ovaPath: "web.ova" });
  await settled(ova, new PortGroup("another-net", { virtualSwitch: "vSwitch0" }));
  expect(registered.get("ova")).toContain("another-net");
});

test("outside of previews nothing is said", async () => {
  await mock(false);
  await settled(new ScratchVm("vm", { networkInterfaces: [{ network: "lab" }] }));
  expect(registered.get("vm")).toBeUndefined();
});

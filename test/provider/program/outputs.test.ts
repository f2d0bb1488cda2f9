import type * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import * as esxi from "../../../provider/index.ts";
import { documented } from "../../docs/public-api.ts";
import { mockEngine } from "../../support/mock-engine.ts";

beforeEach(async () => {
  await mockEngine(({ inputs, name }) => ({ id: `${name}-id`, state: { ...inputs, moid: "7" } }), {
    preview: true,
  });
});

const made: Readonly<Record<string, () => pulumi.Resource>> = {
  DatastoreClone: () => new esxi.DatastoreClone("a", { source: "golden" }),
  DatastoreFile: () => new esxi.DatastoreFile("a", { path: "a", source: "a" }),
  DatastoreFolder: () => new esxi.DatastoreFolder("a", { path: "a" }),
  HostService: () => new esxi.HostService("a", { service: "TSM" }),
  Numbers: () => new esxi.Numbers("a", { keys: ["a"], from: 1, to: 2 }),
  OvaDeployment: () => new esxi.OvaDeployment("a", { ovaPath: "a.ova" }),
  Placement: () => new esxi.Placement("a", { keys: ["a"], places: [{}] }),
  PortGroup: () => new esxi.PortGroup("a", { virtualSwitch: "a" }),
  ResourcePool: () => new esxi.ResourcePool("a"),
  ScratchVm: () => new esxi.ScratchVm("a"),
  TextFile: () => new esxi.TextFile("a", { path: "a", content: "a" }),
  VirtualSwitch: () => new esxi.VirtualSwitch("a"),
  VmSnapshot: () => new esxi.VmSnapshot("a", { vm: "golden" }),
};

describe.each(documented().filter(({ name }) => name in made))("$name", ({ name, outputs }) => {
  test("has every output that it declares, whatever the program gives", () => {
    const resource = made[name]?.() as pulumi.Resource;
    expect([...outputs].filter((output) => Reflect.get(resource, output) === undefined)).toEqual([]);
  });
});

const COMPONENTS = ["LabNetwork", "VmFleet"];

test("are all resources of the package", () => {
  const resources = documented().filter(({ name, kind }) => kind === "class" && !COMPONENTS.includes(name));
  expect(resources.map(({ name }) => name).sort()).toEqual(Object.keys(made).sort());
});

/** What a program of a preview sees; "unknown" for what it does not know yet. */
async function seen<T>(output: pulumi.Output<T>): Promise<T | "unknown"> {
  let value: T | "unknown" = "unknown";
  const done = output.apply((known) => {
    value = known;
  });
  await Reflect.get(done, "isKnown");
  return value;
}

test("an address that a machine lacks is known to be lacking in a preview, once the machine is there", async () => {
  const vm = new esxi.ScratchVm("web");
  expect(await seen(vm.defaultIpAddress)).toBe(undefined);
  expect(await seen(vm.vmxPath)).toBe("unknown");
});

test("what stands for a resource is known in a preview that updates it, as its id is", async () => {
  expect(await seen(new esxi.ScratchVm("web").instanceUuid)).toBe("web-id");
  const file = new esxi.DatastoreFile("iso", { path: "a", source: "a" });
  expect(await seen(file.datastorePath)).toBe("iso-id");
});

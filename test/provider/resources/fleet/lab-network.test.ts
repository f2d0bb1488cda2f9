import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { LabNetwork } from "../../../../provider/index.ts";
import { mockEngine } from "../../../support/mock-engine.ts";

let registered: { readonly name: string; readonly inputs: Record<string, unknown> }[];

beforeEach(() => {
  registered = [];
});

beforeAll(async () => {
  await mockEngine(({ name, inputs }) => {
    registered.push({ name, inputs });
    return { id: name, state: inputs };
  });
  pulumi.runtime.setAllConfig({}, []);
});

const known = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

test("each host has the same port group, under a logical name of its own", async () => {
  const net = new LabNetwork("team", { hosts: ["lab1", "lab2"], virtualSwitch: "vSwitch0", vlanId: 200 });
  expect(await known(net.name)).toBe("team");
  const same = { name: "team", virtualSwitch: "vSwitch0", vlanId: 200 };
  expect(registered.filter(({ inputs }) => "vlanId" in inputs)).toMatchObject([
    { name: "team-lab1", inputs: { ...same, host: "lab1" } },
    { name: "team-lab2", inputs: { ...same, host: "lab2" } },
  ]);
});

test("without hosts it is on the host of esxi:host, under its own name", async () => {
  const net = new LabNetwork("team", { name: "team net", virtualSwitch: "vSwitch0" });
  expect(await known(net.on(undefined))).toBe("team net");
  expect(Object.keys(net.portGroups)).toEqual(["esxi:host"]);
  expect(registered.map(({ name }) => name)).toContain("team");
});

test("a machine's network is that of its host, and waits for no other", async () => {
  const net = new LabNetwork("team", { hosts: ["lab1", "lab2"], virtualSwitch: "vSwitch0" });
  const on2 = net.on(pulumi.output("lab2"));
  expect(await known(on2)).toBe("team");
  const resources: unknown = await Reflect.get(on2, "allResources")?.call(on2);
  expect([...(resources as Set<unknown>)]).toEqual([net.portGroups.lab2]);
});

test("a host that is named twice is refused", () => {
  expect(() => new LabNetwork("team", { hosts: ["a", "a"], virtualSwitch: "v" })).toThrow(/names "a" twice/);
});

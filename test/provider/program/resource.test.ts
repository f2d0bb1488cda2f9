import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatastoreFile, OvaDeployment, PlainPasswordError } from "../../../provider/index.ts";
import { providerText } from "../../../provider/program/provider-text.ts";
import { mockEngine } from "../../support/mock-engine.ts";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[];

beforeEach(async () => {
  registered = [];
  await mockEngine(({ type, name, inputs }) => void registered.push({ type, name, inputs }));
  pulumi.runtime.setAllConfig({}, []);
});

afterEach(() => pulumi.runtime.setAllConfig({}, []));

const settle = <T>(output: pulumi.Output<T>) =>
  new Promise<T>((resolve) => {
    output.apply(resolve);
  });

test("a resource carries the constant provider text, its own URN and a name", async () => {
  const vm = new OvaDeployment("web", { ovaPath: "images/web.ova" });
  await settle(vm.urn);
  const urn = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::web";
  expect(registered).toEqual([
    {
      type: "pulumi-nodejs:esxi:OvaDeployment",
      name: "web",
      inputs: {
        ovaPath: "images/web.ova",
        name: "web",
        __provider: providerText("OvaDeployment"),
        __urn: urn,
      },
    },
  ]);
  expect(await settle(vm.urn)).toBe(urn);
});

test("the URN of a component's child says so", async () => {
  const group = new pulumi.ComponentResource("lab:index:Group", "group");
  const vm = new OvaDeployment("web", { ovaPath: "web.ova" }, { parent: group });
  const urn = await settle(vm.urn);
  expect(urn).toBe("urn:pulumi:dev::lab::lab:index:Group$pulumi-nodejs:esxi:OvaDeployment::web");
  expect(registered.find(({ name }) => name === "web")?.inputs.__urn).toBe(urn);
});

test("a VM's name may be another than the resource's", async () => {
  const vm = new OvaDeployment("web", { ovaPath: "web.ova", name: pulumi.output("web 01") });
  expect(await settle(vm.name)).toBe("web 01");
});

test("OVF properties are secrets, whether or not the program says so", async () => {
  const vm = new OvaDeployment("web", { ovaPath: "web.ova", properties: { password: "hidden" } });
  await settle(vm.urn);
  const properties = Reflect.get(vm, "properties") as pulumi.Output<unknown>;
  expect(await pulumi.isSecret(properties)).toBe(true);
});

test.each([
  ["https://user:pass@web.lab/a.ova", true],
  ["https://token@web.lab/a.ova", true],
  ["HTTPS://web.lab/a.ova?X-Amz-Signature=1", true],
  ["https://web.lab/a.ova", false],
  ["https://web.lab/a.ova#part?no=query", false],
  ["images/what?.ova", false],
  ["images/user@home.ova", false],
])("the location %s is a secret by itself: %s", async (location, isSecret) => {
  const plain = new OvaDeployment("plain", { ovaPath: location });
  const output = new OvaDeployment("output", { ovaPath: pulumi.output(location) });
  const file = new DatastoreFile("file", { path: "a.ova", source: location });
  await Promise.all([plain, output, file].map((resource) => settle(resource.urn)));
  const outputs = [
    Reflect.get(plain, "ovaPath"),
    Reflect.get(output, "ovaPath"),
    Reflect.get(file, "source"),
  ];
  for (const one of outputs) {
    expect(await pulumi.isSecret(one as pulumi.Output<unknown>)).toBe(isSecret);
    expect(await settle(one as pulumi.Output<unknown>)).toBe(location);
  }
});

test("a key that would get lost on the way to the provider is refused", () => {
  const extraConfig = JSON.parse('{"__proto__": "a"}') as Record<string, string>;
  const make = () => new OvaDeployment("web", { ovaPath: "web.ova", extraConfig });
  expect(make).toThrow('"web": extraConfig.__proto__: "__proto__" cannot be a key. Nothing was done.');
  expect(registered).toEqual([]);
});

test("a password in clear is refused with the command that makes it a secret", () => {
  pulumi.runtime.setAllConfig({ "esxi:password": "hidden" }, []);
  const make = () => new OvaDeployment("web", { ovaPath: "web.ova" });
  expect(make).toThrow(PlainPasswordError);
  expect(make).toThrow("pulumi config set --secret esxi:password");
  expect(make).not.toThrow("hidden");
  expect(registered).toEqual([]);
});

test("a password of a named host in clear is refused with the command that makes it a secret", () => {
  pulumi.runtime.setAllConfig({ "esxi:hosts": '{"lab-1":{"host":"a","password":"hidden"}}' }, []);
  const make = () => new OvaDeployment("web", { ovaPath: "web.ova" });
  expect(make).toThrow(PlainPasswordError);
  expect(make).toThrow("pulumi config set --secret --path 'esxi:hosts.lab-1.password'");
  expect(make).not.toThrow("hidden");
});

test("passwords that are secrets are accepted", () => {
  const hosts = '{"lab-1":{"host":"a","password":"hidden"}}';
  pulumi.runtime.setAllConfig({ "esxi:password": "hidden", "esxi:hosts": hosts }, [
    "esxi:password",
    "esxi:hosts",
  ]);
  expect(() => new OvaDeployment("web", { ovaPath: "web.ova" })).not.toThrow();
});

test("hosts without passwords need no secret", () => {
  pulumi.runtime.setAllConfig({ "esxi:hosts": '{"lab-1":{"host":"a"}}', "esxi:username": "root" }, []);
  expect(() => new OvaDeployment("web", { ovaPath: "web.ova" })).not.toThrow();
});

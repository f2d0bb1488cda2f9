import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { getHost, getVm, getVms, OvaDeployment, PlainPasswordError } from "../../../provider/index.ts";
import { providerText } from "../../../provider/program/provider-text.ts";
import { mockEngine } from "../../support/mock-engine.ts";

interface Read {
  readonly type: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly inputs: Record<string, unknown>;
}

let reads: Read[];

async function mock({ preview = false } = {}): Promise<void> {
  reads = [];
  await mockEngine(
    ({ type, name, id, inputs }) => {
      reads.push({ type, name, id, inputs });
      return {
        id: id ? "found-id" : preview ? "" : "made-id",
        state: { ...inputs, result: { memory: 512 } },
      };
    },
    { preview },
  );
  pulumi.runtime.setAllConfig({}, []);
}

beforeEach(() => mock());
afterEach(() => pulumi.runtime.setAllConfig({}, []));

const settle = <T>(output: pulumi.Output<T>) =>
  new Promise<T>((resolve) => {
    output.apply(resolve);
  });

test("a look-up is a resource that is read, with the constant provider text, and its answer lifts properties", async () => {
  const parent = new pulumi.ComponentResource("lab:index:Group", "group");
  expect(await settle(getVm({ name: "golden", host: pulumi.output("lab1") }, { parent }).memory)).toBe(512);
  expect(reads.filter(({ type }) => type.endsWith("getVm"))).toEqual([
    {
      type: "pulumi-nodejs:esxi:getVm",
      name: "lab1/golden",
      id: "lab1/golden",
      inputs: {
        name: "golden",
        host: "lab1",
        __provider: providerText("getVm"),
        __urn: "urn:pulumi:dev::lab::lab:index:Group$pulumi-nodejs:esxi:getVm::lab1/golden",
      },
    },
  ]);
});

test("each look-up has a name of its own", async () => {
  const parent = new pulumi.ComponentResource("lab:index:Group", "group");
  for (let count = 1; count <= 2; count++) await settle(getVm({ name: "golden" }, { parent }));
  await settle(getVms({ namePattern: "golden" }, { parent }));
  await settle(getHost({}, { parent }));
  expect(reads.flatMap(({ id }) => id || [])).toEqual(["golden", "golden-2", "golden", "getHost"]);
  expect(reads.length).toBe(5);
});

test("nothing is asked about what a preview does not know yet", async () => {
  await mock({ preview: true });
  const ova = new OvaDeployment("web", { ovaPath: "web.ova" });
  const unknown = [
    getVm({ instanceUuid: ova.instanceUuid }),
    getVm({ name: ova.name }),
    getVms({}, { dependsOn: [ova] }),
  ];
  for (const output of unknown) {
    const isKnown: unknown = await Reflect.get(output, "isKnown");
    expect(isKnown).toBe(false);
  }
  expect(reads.map(({ name }) => name)).toEqual(["web"]);
});

test("a password in clear is refused before anything is asked", () => {
  pulumi.runtime.setAllConfig({ "esxi:password": "hidden" }, []);
  expect(() => getHost()).toThrow(PlainPasswordError);
  expect(reads).toEqual([]);
});

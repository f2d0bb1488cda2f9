/** A JavaScript program has no types: what it gives that is nothing must come back as a sentence. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import * as esxi from "../../../../provider/index.ts";
import { mockEngine } from "../../../support/mock-engine.ts";

beforeAll(async () => {
  await mockEngine(() => {}, { preview: true });
});

/** Errors, and a class that programs only ask of resources. */
const NOT_CALLED = ["HandOverError", "PlainPasswordError", "VmResource"];
type Callable = (...args: unknown[]) => unknown;
const CALLABLE = (Object.entries(esxi) as [string, unknown][]).flatMap(([name, it]): [string, Callable][] =>
  typeof it === "function" && !NOT_CALLED.includes(name) ? [[name, it as Callable]] : [],
);
const isClass = (value: object): boolean => /^class\b/.test(Function.prototype.toString.call(value));

/** Calls it as a JavaScript program does; the error, if there is one. */
function called(it: Callable, args: readonly unknown[]): unknown {
  try {
    if (isClass(it)) Reflect.construct(it, args);
    else it(...args);
    return undefined;
  } catch (error) {
    return error;
  }
}

const NOTHINGS: readonly unknown[] = [
  undefined,
  null,
  5,
  "web",
  true,
  [],
  [5],
  {},
  [{}],
  () => 5,
  Promise.resolve({}),
];

describe.for(CALLABLE)("%s", ([, it]) => {
  const lists = isClass(it)
    ? [[], ...NOTHINGS.map((name) => [name]), ...NOTHINGS.map((args) => ["web", args])]
    : [
        [],
        ...NOTHINGS.map((args) => [args]),
        ...NOTHINGS.flatMap((one) => [
          [[], one],
          [one, [], one],
          [[], [], one],
        ]),
      ];

  test.for(lists.map((args) => [args] as const))(
    "called with %j does it, or says in a sentence what is wrong",
    ([args]) => {
      const error = called(it, args);
      if (error === undefined) return;
      expect(error).toSatisfy(
        (one) =>
          one instanceof pulumi.RunError || one instanceof esxi.HandOverError || one instanceof RangeError,
      );
      expect(String(error)).toMatch(/ must (be|say) | is no | is not | has /);
    },
  );
});

test("classes say what is to stand where, and what was given", () => {
  expect(String(called(esxi.ScratchVm as never, [{ memory: 512 }]))).toContain(
    'ScratchVm: the first argument must be the resource\'s name, a text, not an object: new ScratchVm("lab", { … }).',
  );
  expect(String(called(esxi.OvaDeployment as never, ["web", "tiny.ova"]))).toContain(
    'OvaDeployment "web": the arguments must be an object, { … }, not a text. Nothing was done.',
  );
  expect(String(called(esxi.PortGroup as never, ["web", pulumi.output({})]))).toContain(
    "not an output. Put outputs and promises inside of it: { name: network.name }",
  );
  expect(called(esxi.OvaDeployment as never, ["web"])).toBeUndefined();
});

test("hand-over functions say which record is wrong", () => {
  expect(String(called(esxi.sshConfig as never, [[{ name: "web", address: 5 }]]))).toContain(
    '"web" has a number as address, which must be a text, as in { name: "web", address: "10.0.0.5" }',
  );
  expect(String(called(esxi.ansibleInventory as never, [{ name: "web" }]))).toContain(
    "an object is no list, such as [{ name",
  );
});

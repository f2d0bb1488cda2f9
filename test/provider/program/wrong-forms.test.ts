/**
 * Whatever stands where a number, a text, a list or an object belongs: a JavaScript program hears which argument it is, and
 * never a TypeError of ours.
 */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import * as esxi from "../../../provider/index.ts";
import { dispatch } from "../../../provider/runtime.ts";
import { type PublicProperty, publicProperties } from "../../docs/public-api.ts";
import { mockEngine } from "../../support/mock-engine.ts";

/** Arguments without which each class is nothing. */
const LEAST: Readonly<Record<string, object>> = {
  DatastoreClone: { source: "golden" },
  DatastoreFile: { path: "a", source: "a" },
  DatastoreFolder: { path: "a" },
  HostService: { service: "TSM" },
  LabNetwork: { virtualSwitch: "a" },
  Numbers: { keys: ["a"], from: 1, to: 2 },
  OvaDeployment: { ovaPath: "images/tinyVM.ova" },
  Placement: { keys: ["a"], places: [{ host: "a" }] },
  PortGroup: { virtualSwitch: "a" },
  ResourcePool: {},
  ScratchVm: {},
  TextFile: { path: "a", content: "a" },
  VirtualSwitch: {},
  VmFleet: { source: { vm: "golden" }, keys: ["a"] },
  VmSnapshot: { vm: "golden" },
};

const WRONG: Readonly<Record<string, unknown>> = {
  text: "abc",
  number: 5,
  object: { a: 1 },
  null: null,
};

const CONFIG: Readonly<Record<string, string>> = {
  "esxi:host": "esxi.invalid",
  "esxi:username": "root",
  "esxi:password": "secret",
  "esxi:checkHost": "false",
};

/** What an input is that the program made a secret. */
const SECRET = "4dabf18193072939515e22adb298388d";

const plain = (inputs: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && SECRET in value ? value.value : value,
    ]),
  );

/** What the check said, by the resource's name. */
const said = new Map<string, Promise<string[]>>();

async function check(kind: string, inputs: object): Promise<string[]> {
  const answer = await dispatch(kind, "check", { get: (key) => CONFIG[key] }, [{}, plain(inputs)]);
  return (answer as { failures: { reason: string }[] }).failures.map(({ reason }) => reason);
}

beforeAll(async () => {
  await mockEngine(({ type, name, inputs }) => {
    if (!type.startsWith("pulumi-nodejs:")) return undefined;
    const kind = type.split(":").at(-1) ?? "";
    said.set(name, check(kind, inputs));
    const state = { ...inputs, assigned: '{"a":["a"]}', instanceUuid: "u" };
    return { id: `${name}-id`, state };
  });
  pulumi.runtime.setAllConfig({}, []);
});

interface Attempt {
  /** `ScratchVm.disks[].size = a text` */
  readonly what: string;
  /** The argument as messages name it, `disks.0.size`, or a part of that. */
  readonly names: string;
  readonly kind: string;
  readonly args: object;
}

/** An argument of that path, `disks[].size`, with a value. */
function given(path: readonly string[], value: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  const depth = head.split("[]").length - 1;
  let inner = given(rest, value);
  for (let level = 0; level < depth; level++) inner = [inner];
  return { [head.replaceAll("[]", "")]: inner };
}

function attempts({ path, forms }: PublicProperty): Attempt[] {
  const [kind = "", ...rest] = path.split(".");
  const least = LEAST[kind];
  if (least === undefined || forms.size === 0 || forms.has("anything")) return [];
  const wrong = Object.entries(WRONG).filter(([form]) => !forms.has(form));
  // Parts are many: one value each.
  return (rest.length === 1 ? wrong : wrong.slice(-2, -1)).flatMap(([, value]) =>
    // Without a name a thing is called as its resource.
    rest[0] === "name" && value === null
      ? []
      : [
          {
            what: `${path} = ${JSON.stringify(value)}`,
            names: (rest[0] ?? "").replaceAll("[]", ""),
            kind,
            args: { ...least, ...(given(rest, value) as object) },
          },
        ],
  );
}

const MACHINES = ["DatastoreClone", "OvaDeployment", "ScratchVm"];

/** Each argument of each class, and each part of one once: several classes share most of them. */
function arguments_(): PublicProperty[] {
  const seen = new Set<string>();
  return publicProperties().filter(({ path, isArgument }) => {
    const [kind = "", ...rest] = path.split(".");
    if (!isArgument || !Object.hasOwn(LEAST, kind)) return false;
    const part = `${rest.length === 1 && !MACHINES.includes(kind) ? kind : "machine"} ${rest.join(".")}`;
    // What a fleet hands on its machines hear.
    if (seen.has(part) || (rest.length > 1 && /^(settings|source|machines)\b/.test(rest[0] ?? "")))
      return false;
    seen.add(part);
    return true;
  });
}

test("whatever has another form is refused by its name", { timeout: 120_000 }, async () => {
  const all = arguments_().flatMap(attempts);
  expect(all.length).toBeGreaterThan(400);
  const outcomes = all.map(({ kind, args }, index): { error: unknown } | { made: pulumi.Resource } => {
    try {
      const Class = Reflect.get(esxi, kind) as new (name: string, args: object) => pulumi.Resource;
      return { made: new Class(`n${index}`, args) };
    } catch (error) {
      return { error };
    }
  });
  const wrong: string[] = [];
  await Promise.all(
    outcomes.map((outcome) =>
      "made" in outcome ? new Promise((resolve) => outcome.made.urn.apply(resolve)) : undefined,
    ),
  );
  for (const [index, outcome] of outcomes.entries()) {
    const { what = "", names = "" } = all[index] ?? {};
    if ("error" in outcome) {
      const { error } = outcome;
      if (!pulumi.RunError.isInstance(error)) wrong.push(`${what}: ${String(error)}`);
      else if (!error.message.includes(names)) wrong.push(`${what}: ${error.message}`);
      continue;
    }
    const own = [...said].filter(([name]) => name === `n${index}` || name.startsWith(`n${index}-`));
    const reasons = (await Promise.all(own.map(([, reason]) => reason))).flat();
    if (!reasons.some((reason) => reason.includes(names)))
      wrong.push(`${what}: ${reasons.join("; ") || "nothing"}`);
  }
  expect(wrong).toEqual([]);
});

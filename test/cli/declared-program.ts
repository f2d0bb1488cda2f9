import type { Lab } from "../support/lab.ts";

/**
 * One resource of a program: `$name` in arguments and options is another resource, `$name.output` an output of it, and
 * `$name.*` all of them; `$nobody` is no parent.
 */
export interface Declared {
  readonly kind: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a transform adds to resources by their names. */
export interface Transform {
  readonly args: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The option that it is given to resources by. Default: `transforms`. */
  readonly by?: "transforms" | "transformations";
}

const PROGRAM = `import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as esxi from "pulumi-esxi-direct";
class Group extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("lab:index:Group", name, args, options);
  }
}
const { resources, exported, transform } = JSON.parse(readFileSync(new URL("declared.json", import.meta.url), "utf8"));
const transforms = ({ name, props, opts }) => {
  const change = transform?.args[name];
  return change && { props: { ...props, ...change }, opts: { ...opts, ...transform.options } };
};
const made = { nobody: pulumi.rootStackResource };
const outputsOf = (resource) => {
  const isOutput = ([key, value]) => !key.startsWith("__") && pulumi.Output.isInstance(value);
  return Object.fromEntries(Object.entries(resource).filter(isOutput));
};
const refer = (value) => {
  if (typeof value === "string" && value.startsWith("$")) {
    const [name, output] = value.slice(1).split(".");
    if (output === "*") return outputsOf(made[name]);
    return output === undefined ? made[name] : made[name][output];
  }
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, refer(item)]));
};
for (const [name, { kind, args, options }] of Object.entries(resources)) {
  made[name] = new { ...esxi, Group }[kind](name, refer(args ?? {}), {
    ...refer(options ?? {}),
    ...(transform && { [transform.by ?? "transforms"]: [transforms] }),
  });
}
export const out = refer(exported);
`;

/** What the lab's project makes from now on, by logical name and in this order; `Group` is a component. */
export async function declareResources(
  { project }: Lab,
  resources: Readonly<Record<string, Declared>>,
  exported: Readonly<Record<string, string>> = {},
  transform?: Transform,
): Promise<void> {
  await project.write("index.js", PROGRAM);
  await project.write("declared.json", JSON.stringify({ resources, exported, transform }));
}

import * as pulumi from "@pulumi/pulumi";

/** The argument by which a resource names what it makes, for each kind that others can name. */
const NAMED_BY: Readonly<Record<string, "name" | "path">> = {
  OvaDeployment: "name",
  DatastoreClone: "name",
  ScratchVm: "name",
  PortGroup: "name",
  VirtualSwitch: "name",
  ResourcePool: "name",
  DatastoreFile: "path",
  DatastoreFolder: "path",
};

/** These names are parts of longer names: of `[datastore1] iso/Core-5.4.iso`, of `students/group-1`. */
const PARTS_OF_PATHS: readonly string[] = ["ResourcePool", "DatastoreFile", "DatastoreFolder"];

/** No name on a host is longer. */
const MOST_CHARACTERS = 1024;

/** The things that the program of one stack makes, as far as it has run. */
interface Made {
  /** How many resources make something of that name. */
  readonly names: Map<string, number>;
  readonly parts: Set<string>;
  readonly portGroups: Set<string>;
}

/** By stack, because one process can run the programs of several. */
const madeIn = new WeakMap<object, Made>();
const NO_STACK = {};

/**
 * Tells a preview which of the plain names in a resource's arguments the same program makes. The engine may check a
 * resource that uses a port group before the one that makes it. That check must not say then that the host has no such
 * port group. Undefined outside of previews, because an `up` asks the host itself.
 *
 * The answer comes when the program has declared everything that it declares at once. The check takes it out of the
 * inputs.
 */
export function madeHere(kind: string, inputs: pulumi.Inputs): Promise<string[]> | undefined {
  if (!pulumi.runtime.isDryRun()) return undefined;
  const stack = pulumi.runtime.getStackResource() ?? NO_STACK;
  const made = madeIn.get(stack) ?? { names: new Map(), parts: new Set(), portGroups: new Set() };
  madeIn.set(stack, made);
  const by = NAMED_BY[kind];
  const own = by === undefined ? undefined : inputs[by];
  if (by !== undefined) pulumi.output(own).apply((name) => add(made, kind, name));
  const given = textsIn(inputs);
  return new Promise((resolve) => setImmediate(resolve)).then(() => [
    ...given.filter((text) => isMade(made, text, text === own)),
    // An OVA names networks that no argument names.
    ...(kind === "OvaDeployment" ? made.portGroups : []),
  ]);
}

function add({ names, parts, portGroups }: Made, kind: string, name: unknown): void {
  if (typeof name !== "string" || name === "") return;
  names.set(name, (names.get(name) ?? 0) + 1);
  if (kind === "PortGroup") portGroups.add(name);
  if (PARTS_OF_PATHS.includes(kind)) parts.add(name);
}

function isMade({ names, parts }: Made, text: string, isOwn: boolean): boolean {
  if ((names.get(text) ?? 0) > (isOwn ? 1 : 0)) return true;
  return !isOwn && [...parts].some((part) => text.includes(part));
}

/** The plain texts among a resource's arguments. An output knows its resource itself. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return value.length > MOST_CHARACTERS ? [] : [value];
  if (!Array.isArray(value) && !isPlain(value)) return [];
  return [...new Set(Object.values(value).flatMap(textsIn))];
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

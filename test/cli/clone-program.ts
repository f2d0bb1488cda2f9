import type { Lab } from "../support/lab.ts";
import type { VmDeclaration } from "../support/pulumi-project.ts";

/** What a stack with clones is made of: arguments by resource name. A clone's `source` can be the name of an OVA's VM. */
export interface CloneStack {
  readonly ovas?: Readonly<Record<string, VmDeclaration>>;
  readonly clones?: Readonly<Record<string, VmDeclaration>>;
  readonly fleets?: Readonly<Record<string, VmDeclaration>>;
}

const PROGRAM = `import { readFileSync } from "node:fs";
import { DatastoreClone, OvaDeployment, VmFleet } from "pulumi-esxi-direct";
const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const { ovas = {}, clones = {}, fleets = {} } = read("clones.json");
const made = {};
for (const [name, args] of Object.entries(ovas)) made[name] = new OvaDeployment(name, args);
for (const [name, args] of Object.entries(clones)) {
  made[name] = new DatastoreClone(name, { ...args, source: made[args.source] ?? args.source });
}
for (const [name, args] of Object.entries(fleets)) new VmFleet(name, args);
`;

/** What the lab's project makes from now on. */
export async function declareClones({ project }: Lab, stack: CloneStack): Promise<void> {
  await project.write("index.js", PROGRAM);
  await project.write("clones.json", JSON.stringify(stack));
}

/** Arguments for as many resources, named by a prefix and a number from 1 on. */
export function times(count: number, prefix: string, args: VmDeclaration): Record<string, VmDeclaration> {
  return Object.fromEntries(numbered(count, prefix).map((name) => [name, args]));
}

/** Names by a prefix and a number from 1 on. */
export function numbered(count: number, prefix: string): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

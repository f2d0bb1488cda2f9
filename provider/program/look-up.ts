import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "./esxi-resource.ts";
import { refusePlainPasswords } from "./plain-password-guard.ts";

/** Options of a look-up. */
export interface LookUpOptions {
  /** The resource that it is shown under. */
  parent?: pulumi.Resource | undefined;
  /**
   * Look only when these exist, and after what this run does to them. A preview that is yet to create one of them
   * does not know the answer.
   */
  dependsOn?: pulumi.CustomResource | readonly pulumi.CustomResource[] | undefined;
}

/**
 * A resource that is only read. One with an `id` option is never created, changed or deleted: the engine asks its
 * provider to read it, in a preview too, and drops it from state on destroy.
 */
class LookUp<Result> extends EsxiResource {
  /** All that was found, in one output, so that what a VM lacks is known to be lacking in a preview too. */
  declare readonly result: pulumi.Output<Result>;

  constructor(kind: string, args: pulumi.Inputs, parent: pulumi.Resource | undefined) {
    const name = uniqueName(kind, args, parent);
    super(kind, name, args, ["result"], { id: name, ...(parent && { parent }) });
  }
}

/**
 * Asks the host for something, in previews too.
 *
 * @param kind The function that the program called, `getVm`; the runtime finds the reader by it.
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function lookUp<Result>(
  kind: string,
  args: pulumi.Inputs,
  { parent, dependsOn = [] }: LookUpOptions = {},
): pulumi.Output<Result> {
  refusePlainPasswords();
  const given = pulumi.output(args);
  const ids = pulumi.output(
    makersOf(given).then((makers) => [...makers, ...[dependsOn].flat()].map(({ id }) => id)),
  );
  return pulumi
    .all([given, ids])
    .apply(([known]) => new LookUp<Result>(kind, known, parent).result) as pulumi.Output<Result>;
}

/**
 * The resources that values come from. A preview knows the name of a VM that is yet to be created, but cannot look it
 * up: so what is looked up by another resource's values waits for its id, as Pulumi's own functions do.
 */
async function makersOf(values: pulumi.Output<unknown>): Promise<pulumi.CustomResource[]> {
  // Kept out of the SDK's type declarations.
  const allResources: unknown = Reflect.get(values, "allResources");
  const found: unknown = typeof allResources === "function" ? await allResources.call(values) : [];
  const resources: unknown[] = found instanceof Set ? [...found] : [];
  return resources.filter((resource) => pulumi.CustomResource.isInstance(resource));
}

const names = new WeakMap<object, Map<string, number>>();
const NO_STACK = {};

/** What is looked up, with a number behind it from the second time on. */
function uniqueName(kind: string, args: pulumi.Inputs, parent: pulumi.Resource | undefined): string {
  // A process can run the programs of several stacks.
  const owner = parent ?? pulumi.runtime.getStackResource() ?? NO_STACK;
  const used = names.get(owner) ?? new Map<string, number>();
  names.set(owner, used);
  const what = Object.values(args).filter((value) => typeof value === "string");
  const name = what.join("/") || kind;
  const key = `${kind} ${name}`;
  const count = (used.get(key) ?? 0) + 1;
  used.set(key, count);
  return count === 1 ? name : `${name}-${count}`;
}

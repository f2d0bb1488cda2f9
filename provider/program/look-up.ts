import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "./esxi-resource.ts";
import { refusePlainPasswords } from "./plain-password-guard.ts";

/** Options of a look-up. */
export interface LookUpOptions {
  /** The resource under which it is shown. */
  parent?: pulumi.Resource | undefined;
  /**
   * The look-up waits until these resources exist and this run has changed them. A preview that will create one of them
   * does not know the answer.
   */
  dependsOn?: pulumi.CustomResource | readonly pulumi.CustomResource[] | undefined;
}

/**
 * A resource that is only read. With an `id` option it is never created, changed or deleted: the engine asks its
 * provider to read it, in a preview too, and drops it from state on destroy.
 */
class LookUp<Result> extends EsxiResource {
  /** The whole result in one output. So a preview too knows if a VM lacks something. */
  declare readonly result: pulumi.Output<Result>;

  constructor(kind: string, args: pulumi.Inputs, parent: pulumi.Resource | undefined) {
    const name = uniqueName(kind, args, parent);
    super(kind, name, args, ["result"], { id: name, ...(parent && { parent }) });
  }
}

/**
 * Asks the host for something, in previews too.
 *
 * @param kind The function that the program called, `getVm`. The runtime finds the reader by it.
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
 * The resources from which values come. A preview knows the name of a VM that will be created, but cannot look it up.
 * So a look-up with values of another resource waits for that resource's id, as Pulumi's own functions do.
 */
async function makersOf(values: pulumi.Output<unknown>): Promise<pulumi.CustomResource[]> {
  // The SDK does not declare this type.
  const allResources: unknown = Reflect.get(values, "allResources");
  const found: unknown = typeof allResources === "function" ? await allResources.call(values) : [];
  const resources: unknown[] = found instanceof Set ? [...found] : [];
  return resources.filter((resource) => pulumi.CustomResource.isInstance(resource));
}

const names = new WeakMap<object, Map<string, number>>();
const NO_STACK = {};

/** The resource's name: the thing that is looked up, with a number from the second time on. */
function uniqueName(kind: string, args: pulumi.Inputs, parent: pulumi.Resource | undefined): string {
  // One process can run the programs of several stacks.
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

import type { Context, Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { foresee } from "../../../../provider/resources/preview/foresee.ts";
import type { Lab } from "../lab.ts";
import { type Kind, LIFECYCLES } from "../lifecycles.ts";

export interface Previewed {
  readonly kind: Kind;
  readonly args: Properties;
  /** The resource's name in the program. Default: that of what it makes. */
  readonly called?: string;
  /** Arguments of the last `up`; left out for a new resource. */
  readonly before?: Properties;
  /** Names among the arguments of which the program makes something. */
  readonly madeHere?: readonly string[];
}

/** What a preview says of one resource, as the engine asks for it: `property: reason`, and warnings. */
export async function previewed(
  lab: Lab,
  { kind, args, called = String(args.name ?? args.path), before, madeHere = [] }: Previewed,
  more: Partial<Context> = {},
): Promise<{ readonly failures: readonly string[]; readonly warnings: readonly string[] }> {
  const lifecycle: Lifecycle = LIFECYCLES[kind];
  const urn = `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${kind}::${called}`;
  const warnings: string[] = [];
  const context = { ...lab.context(), ...more };
  const telling = {
    ...context,
    progress: { ...context.progress, warn: (text: string) => void warnings.push(text) },
  };
  const inputsOf = async (given: Properties, olds: Properties) => {
    const { inputs, failures } = await lifecycle.check(olds, { ...given, __urn: urn }, context);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  };
  const olds = before === undefined ? {} : await inputsOf(before, {});
  const inputs = await inputsOf(args, olds);
  const failures = await foresee({ lifecycle, olds, inputs, found: [], urn, madeHere }, telling);
  return { failures: failures.map(({ property, reason }) => `${property}: ${reason}`), warnings };
}

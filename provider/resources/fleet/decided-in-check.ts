import { isDeepStrictEqual } from "node:util";
import type * as v from "valibot";
import type { CheckFailure, Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { checkInputs, UNKNOWN } from "../inputs/check-inputs.ts";

/** A resource that is nothing on a host. It is a decision, kept in state. */
interface Decision<S extends v.GenericSchema> {
  readonly schema: S;
  /** Names of the outputs that hold the decision. */
  readonly decided: readonly string[];
  /**
   * Decides.
   * @param before The last decision. Empty for a new resource, and for one that is replaced by force.
   * @returns The decision, and in a few words what is new in it.
   */
  decide(
    settings: v.InferOutput<S>,
    before: Properties,
    job: { readonly context: Context; readonly urn: string },
  ): Promise<{
    readonly decided: Properties;
    readonly news: string;
    readonly failures: readonly CheckFailure[];
  }>;
  /** Settings that are kept in state. Others can be left out if the decision has them too. */
  readonly kept: readonly string[];
}

/**
 * The lifecycle of a resource that decides something for all resources that take its outputs. It decides in its check.
 * Pulumi gives a check the result of the last one, so a decision stays. A preview knows that result as the resource's
 * outputs. A create would be too late for both.
 */
export function decidedInCheck<S extends v.GenericSchema>(kind: Decision<S>): Lifecycle {
  const outs = (inputs: Properties): Properties =>
    Object.fromEntries(
      Object.entries(inputs).filter(
        ([key]) => key.startsWith("__") || kind.kept.includes(key) || kind.decided.includes(key),
      ),
    );
  return {
    async check(olds, news, context) {
      const { inputs, known, failures } = checkInputs(kind.schema, news, kind.decided);
      if (known === undefined) {
        const unknown = Object.fromEntries(kind.decided.map((name) => [name, UNKNOWN]));
        return { inputs: { ...inputs, ...unknown }, failures };
      }
      const result = await kind.decide(known, olds ?? {}, { context, urn: String(news.__urn ?? "") });
      if (result.news !== "") context.progress.info(result.news);
      return { inputs: { ...inputs, ...result.decided }, failures: result.failures };
    },

    async diff(_id, olds, news) {
      const compared = [...kind.decided, ...kind.kept];
      const changes = compared.some((key) => !isDeepStrictEqual(olds[key], news[key]));
      return { changes, replaces: [], deleteBeforeReplace: false };
    },

    create: async (inputs) => ({ id: String(inputs.__urn), outs: outs(inputs) }),
    read: async (id, props) => ({ id, props }),
    update: async (_id, _olds, news) => ({ outs: outs(news) }),
    async delete() {},
  };
}

import type * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { LookUpError } from "../../host/inventory/look-up-error.ts";
import { keepUnreadable } from "../frame/keep-unreadable.ts";
import type { Context, Lifecycle, Progress, Properties } from "../frame/lifecycle.ts";
import { checkInputs } from "../inputs/check-inputs.ts";

/** Reads what a program asks for. */
interface Reader<S extends v.GenericSchema<unknown, { host?: string | undefined }>> {
  /** The function that the program called, for messages. */
  readonly name: string;
  readonly schema: S;
  /** @throws LookUpError if the host has none, or several, of what the program asks for. */
  read(
    host: EsxiHost,
    args: v.InferOutput<S>,
    progress: Progress,
  ): Promise<{ readonly id?: string; readonly result: object }>;
}

const OUTPUT = "result";

/**
 * A look-up as Pulumi's engine sees it: an external resource that is only read. The engine calls `read` in each preview
 * and update with the program's arguments, and in a refresh with the last result.
 */
export function lookUpLifecycle<S extends v.GenericSchema<unknown, { host?: string | undefined }>>(
  reader: Reader<S>,
): Lifecycle {
  const nothingToDo = async () => {
    throw new Error(`${reader.name} only reads; there is nothing to create or change.`);
  };
  return {
    check: async (_olds, news) => ({ inputs: news, failures: [] }),
    diff: async () => ({ changes: false, replaces: [], deleteBeforeReplace: false }),
    create: nothingToDo,
    update: nothingToDo,
    delete: async () => {},
    async read(id, props, context) {
      const now = async () => {
        const { id: found = id, result } = await find(reader, props, context);
        // Pulumi cannot store undefined.
        return { id: found, props: { ...props, [OUTPUT]: JSON.parse(JSON.stringify(result)) } };
      };
      const isRefresh = OUTPUT in props;
      if (!isRefresh) return now();
      return keepUnreadable({ id, props }, context, now).catch((error: unknown) => {
        // A refresh takes it out of state. The next run of the program gets the error.
        if (error instanceof LookUpError) return {};
        throw error;
      });
    },
  };
}

async function find<S extends v.GenericSchema<unknown, { host?: string | undefined }>>(
  { name, schema, read }: Reader<S>,
  props: Properties,
  context: Context,
) {
  const { known, failures } = checkInputs(schema, props, [OUTPUT]);
  if (known === undefined) {
    const reasons = failures.map(({ property, reason }) => (property ? `${property}: ${reason}` : reason));
    const said = reasons.join("; ");
    throw new LookUpError(`${name}: ${said}${said.endsWith("?") ? "" : "."}`);
  }
  return read(context.host(known.host), known, context.progress);
}

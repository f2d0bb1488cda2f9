/**
 * What Pulumi's engine does with a program, one resource after the other, as far as lifecycles notice. It keeps the state once,
 * when a run ends: a run that is killed leaves the state of before (`PULUMI_SKIP_CHECKPOINTS`).
 */

import type { Context, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { type Kind, LIFECYCLES } from "../lifecycles.ts";
import { type InState, Managed } from "../managed.ts";

interface Declared {
  readonly kind: Kind;
  /** `$other` stands for the id of another resource; a function finds a value in the outputs of others. */
  readonly args: Properties;
  /** What must be there before, beside those that `args` name. */
  readonly after?: readonly string[];
}

/** Resources by name, each behind those that it needs. */
export type Program = Readonly<Record<string, Declared>>;

/** The id and outputs of a resource that stands before in the program. */
export type Among = (name: string) => InState | undefined;

interface Kept extends InState {
  readonly declared: Declared;
}

export class Engine {
  /** As the backend has it, in the order in which things were made. */
  #state: ReadonlyMap<string, Kept> = new Map();

  /** @throws what a lifecycle throws; the state is then that of before, as after a kill. */
  async up(program: Program, context: Context): Promise<void> {
    const next = new Map<string, Kept>();
    const gone = new Set<string>();
    for (const [name, declared] of Object.entries(program)) {
      const old = gone.has(name) ? undefined : this.#state.get(name);
      const args = resolved(declared.args, next);
      const managed = managedBy(name, declared, context);
      const inputs = await managed.inputs(args, old?.inputs);
      if (old === undefined) {
        next.set(name, { ...(await managed.lifecycle.create(inputs, context)), inputs, declared });
        continue;
      }
      const { changes, replaces } = await managed.lifecycle.diff(old.id, old.outs, inputs, context);
      if (replaces.length > 0) {
        for (const dependent of this.#dependentsOf(name)) {
          if (!gone.has(dependent)) await this.#delete(dependent, context);
          gone.add(dependent);
        }
        await this.#delete(name, context);
        next.set(name, { ...(await managed.lifecycle.create(inputs, context)), inputs, declared });
      } else if (changes) {
        const { outs } = await managed.lifecycle.update(old.id, old.outs, inputs, context);
        next.set(name, { id: old.id, outs, inputs, declared });
      } else next.set(name, { ...old, inputs, declared });
    }
    for (const name of [...this.#state.keys()].reverse()) {
      if (!next.has(name) && !gone.has(name)) await this.#delete(name, context);
    }
    this.#state = next;
  }

  /** @throws as {@link up} */
  async destroy(context: Context): Promise<void> {
    for (const name of [...this.#state.keys()].reverse()) await this.#delete(name, context);
    this.#state = new Map();
  }

  async refresh(context: Context): Promise<void> {
    const next = new Map<string, Kept>();
    for (const [name, kept] of this.#state) {
      const { id, props } = await LIFECYCLES[kept.declared.kind].read(kept.id, kept.outs, context);
      if (id !== undefined && props !== undefined) next.set(name, { ...kept, id, outs: props });
    }
    this.#state = next;
  }

  /** Names of what the next `up` of that program would change; nothing right after one. */
  async differences(program: Program, context: Context): Promise<string[]> {
    const names: string[] = [];
    for (const [name, kept] of this.#state) {
      const declared = program[name];
      if (declared === undefined) continue;
      const managed = managedBy(name, declared, context);
      const inputs = await managed.inputs(resolved(declared.args, this.#state), kept.inputs);
      if ((await managed.lifecycle.diff(kept.id, kept.outs, inputs, context)).changes) names.push(name);
    }
    return names;
  }

  /** Goes back to the state of another moment. */
  keep(): () => void {
    const kept = this.#state;
    return () => {
      this.#state = kept;
    };
  }

  /** What is made of it, the last one first: a replacement takes it along. */
  #dependentsOf(name: string): string[] {
    const names = new Set([name]);
    for (const [other, { declared }] of this.#state) {
      if (namedIn(declared.args).some((one) => names.has(one))) names.add(other);
    }
    names.delete(name);
    return [...names].reverse();
  }

  async #delete(name: string, context: Context): Promise<void> {
    const kept = this.#state.get(name);
    if (kept !== undefined) await LIFECYCLES[kept.declared.kind].delete(kept.id, kept.outs, context);
  }
}

const managedBy = (name: string, { kind }: Declared, context: Context): Managed =>
  new Managed({ context: () => context }, kind, LIFECYCLES[kind], name);

function resolved(args: Properties, among: ReadonlyMap<string, Kept>): Properties {
  const refer = ([key, value]: [string, unknown]): [string, unknown] => {
    if (typeof value === "function")
      return [key, (value as (among: Among) => unknown)((name) => among.get(name))];
    if (typeof value !== "string" || !value.startsWith("$")) return [key, value];
    const id = among.get(value.slice(1))?.id;
    if (id === undefined) throw new Error(`There is no ${value} yet.`);
    return [key, id];
  };
  return Object.fromEntries(Object.entries(args).map(refer));
}

const namedIn = (args: Properties): string[] =>
  Object.values(args).flatMap((value) =>
    typeof value === "string" && value.startsWith("$") ? [value.slice(1)] : [],
  );

/** One resource that is not a VM under Pulumi's care, step by step as Pulumi takes it. */
import type {
  CheckFailure,
  Context,
  Lifecycle,
  Properties,
} from "../../../provider/resources/frame/lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { failure, type Lab, PROVIDER } from "./lab.ts";

export interface InState {
  readonly id: string;
  readonly outs: Properties;
  readonly inputs: Properties;
}

export class Managed {
  readonly lifecycle: Lifecycle;
  readonly #lab: Pick<Lab, "context">;
  readonly urn: string;

  /** @param kind The resource's type name. */
  constructor(lab: Pick<Lab, "context">, kind: string, lifecycle: Lifecycle, name = "it") {
    this.lifecycle = lifecycle;
    this.#lab = lab;
    this.urn = `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${kind}::${name}`;
  }

  check(
    settings: Properties,
    before: Properties = {},
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    // On the way to the provider what is undefined gets lost.
    const news = JSON.parse(JSON.stringify({ ...settings, __provider: PROVIDER, __urn: this.urn }));
    return this.lifecycle.check(before, news, this.#lab.context());
  }

  /** What the check makes of settings that are fine. */
  async inputs(settings: Properties, before?: Properties): Promise<Properties> {
    const { inputs, failures } = await this.check(settings, before);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    return inputs;
  }

  async create(settings: Properties, context: Context = this.#lab.context()): Promise<InState> {
    const inputs = await this.inputs(settings);
    const { id, outs } = await this.lifecycle.create(inputs, context);
    return { id, outs, inputs };
  }

  async diff(state: InState, settings: Properties) {
    const inputs = await this.inputs(settings, state.inputs);
    return this.lifecycle.diff(state.id, state.outs, inputs, this.#lab.context());
  }

  async update(
    state: InState,
    settings: Properties,
    context: Context = this.#lab.context(),
  ): Promise<InState> {
    const inputs = await this.inputs(settings, state.inputs);
    const { outs } = await this.lifecycle.update(state.id, state.outs, inputs, context);
    return { id: state.id, outs, inputs };
  }

  /** Refresh; undefined if it is gone. */
  async read(state: InState, context: Context = this.#lab.context()): Promise<InState | undefined> {
    const { id, props } = await this.lifecycle.read(state.id, state.outs, context);
    return id === undefined || props === undefined ? undefined : { ...state, id, outs: props };
  }

  delete(state: InState, context: Context = this.#lab.context()): Promise<void> {
    return this.lifecycle.delete(state.id, state.outs, context);
  }

  /** What Pulumi keeps of a create or update that failed half-way. */
  async unfinished(work: Promise<unknown>, inputs: Properties): Promise<InState> {
    const error = await failure(work);
    if (!(error instanceof UnfinishedError)) throw error;
    return { id: error.id, outs: error.properties, inputs };
  }
}

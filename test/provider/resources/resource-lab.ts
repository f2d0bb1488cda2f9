import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import type {
  CheckFailure,
  Context,
  Lifecycle,
  Properties,
} from "../../../provider/resources/frame/lifecycle.ts";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { Lab, type Managed, PROVIDER } from "./lab.ts";

/** A lab in which resources of one kind live, as `pulumi` calls their lifecycle. */
export class ResourceLab {
  readonly lab: Lab;
  readonly #lifecycle: Lifecycle;
  readonly #urn: string;
  readonly #defaults: Properties;

  readonly #host: EsxiHost | undefined;

  protected constructor(
    lab: Lab,
    lifecycle: Lifecycle,
    kind: string,
    defaults: Properties = {},
    host?: EsxiHost,
  ) {
    this.lab = lab;
    this.#host = host;
    this.#lifecycle = lifecycle;
    this.#urn = `urn:pulumi:dev::lab::pulumi-nodejs:esxi:${kind}::`;
    this.#defaults = defaults;
  }

  static async of(
    lifecycle: Lifecycle,
    kind: string,
    options: Partial<SimulatorOptions> = {},
  ): Promise<ResourceLab> {
    return new ResourceLab(await Lab.open(options), lifecycle, kind);
  }

  /** In a lab that is there. @param host Over which connection. Default: the one that the run shares. */
  static in(lab: Lab, lifecycle: Lifecycle, kind: string, host?: EsxiHost): ResourceLab {
    return new ResourceLab(lab, lifecycle, kind, {}, host);
  }

  #context(): Context {
    return this.lab.context(undefined, this.#host);
  }

  program(name: string, settings: Properties): Properties {
    const all = { name, ...this.#defaults, ...settings, __provider: PROVIDER, __urn: `${this.#urn}${name}` };
    // On the way to the provider what is undefined gets lost.
    return JSON.parse(JSON.stringify(all)) as Properties;
  }

  check(
    name: string,
    settings: Properties,
    olds: Properties = {},
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    return this.#lifecycle.check(olds, this.program(name, settings), this.#context());
  }

  /** What the check makes of settings that are fine. */
  async inputs(name: string, settings: Properties, olds: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await this.check(name, settings, olds);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
    return inputs;
  }

  /** Check and create, as `pulumi up` does. */
  async create(name: string, settings: Properties = {}, context = this.#context()): Promise<Managed> {
    const inputs = await this.inputs(name, settings);
    const { id, outs } = await this.#lifecycle.create(inputs, context);
    return { id, outs, inputs };
  }

  async diff(resource: Managed, settings: Properties) {
    const inputs = await this.inputs(nameOf(resource), settings, resource.inputs);
    return this.#lifecycle.diff(resource.id, resource.outs, inputs, this.#context());
  }

  /** Check and update. */
  async update(resource: Managed, settings: Properties, context = this.#context()): Promise<Managed> {
    const inputs = await this.inputs(nameOf(resource), settings, resource.inputs);
    const { outs } = await this.#lifecycle.update(resource.id, resource.outs, inputs, context);
    return { id: resource.id, outs, inputs };
  }

  /** Refresh; undefined if the resource is gone. */
  async read(resource: Managed): Promise<Managed | undefined> {
    (this.#host ?? this.lab.host).vms.forget();
    const { id, props } = await this.#lifecycle.read(resource.id, resource.outs, this.#context());
    return id === undefined || props === undefined ? undefined : { ...resource, id, outs: props };
  }

  delete(resource: Managed): Promise<void> {
    return this.#lifecycle.delete(resource.id, resource.outs, this.#context());
  }
}

const nameOf = ({ inputs }: Managed) => String(inputs.name);

import { datastoreClone } from "../../../provider/resources/datastore-clone.lifecycle.ts";
import type { CheckFailure, Properties } from "../../../provider/resources/lifecycle.ts";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { Lab, type Managed, PROVIDER } from "./lab.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:DatastoreClone::";

/** A lab with an OVA that is there to be cloned. */
export class CloneLab {
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async open(options: Partial<SimulatorOptions> = {}): Promise<CloneLab> {
    return new CloneLab(await Lab.open(options));
  }

  /** The machine to clone: powered off unless the settings say otherwise. */
  golden(settings: Properties = {}): Promise<Managed> {
    return this.lab.create({ name: "golden", powerOn: false, ...settings });
  }

  program(name: string, settings: Properties): Properties {
    const inputs = { name, source: "golden", ...settings, __provider: PROVIDER, __urn: `${URN}${name}` };
    return JSON.parse(JSON.stringify(inputs)) as Properties;
  }

  check(
    name: string,
    settings: Properties,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    return datastoreClone.check({}, this.program(name, settings), this.lab.context());
  }

  async inputs(name: string, settings: Properties): Promise<Properties> {
    const { inputs, failures } = await this.check(name, settings);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }

  async create(name: string, settings: Properties = {}, context = this.lab.context()): Promise<Managed> {
    const inputs = await this.inputs(name, settings);
    const { id, outs } = await datastoreClone.create(inputs, context);
    return { id, outs, inputs };
  }

  async diff(clone: Managed, settings: Properties) {
    const inputs = await this.inputs(String(clone.inputs.name), settings);
    return datastoreClone.diff(clone.id, clone.outs, inputs, this.lab.context());
  }

  async update(clone: Managed, settings: Properties): Promise<Managed> {
    const inputs = await this.inputs(String(clone.inputs.name), settings);
    const { outs } = await datastoreClone.update(clone.id, clone.outs, inputs, this.lab.context());
    return { id: clone.id, outs, inputs };
  }

  async read(clone: Managed): Promise<Managed | undefined> {
    this.lab.host.vms.forget();
    const { id, props } = await datastoreClone.read(clone.id, clone.outs, this.lab.context());
    return id === undefined || props === undefined ? undefined : { ...clone, id, outs: props };
  }

  delete(clone: Managed): Promise<void> {
    return datastoreClone.delete(clone.id, clone.outs, this.lab.context());
  }
}

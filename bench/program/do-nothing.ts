import * as pulumi from "@pulumi/pulumi";

/** As long as the text of the package's own resources. */
const PROVIDER_TEXT_LENGTH = 320;

/** The outputs of every real resource. */
const VM_OUTPUTS = [
  "annotation",
  "datastore",
  "guestIpAddresses",
  "hostUuid",
  "instanceUuid",
  "macAddresses",
  "memory",
  "moid",
  "numCoresPerSocket",
  "numCpus",
  "powerState",
  "uuid",
  "vmxPath",
];
/** And those of one type alone. */
const OUTPUTS = { OvaDeployment: [], ScratchVm: [], DatastoreClone: ["clonedFrom"] };

type DoNothingKind = keyof typeof OUTPUTS;

/** What the engine itself costs: a resource of the same type, inputs and outputs as a real one that does nothing. */
export class DoNothing extends pulumi.CustomResource {
  declare readonly instanceUuid: pulumi.Output<string>;

  constructor(kind: DoNothingKind, name: string, inputs: pulumi.Inputs) {
    const type = `pulumi-nodejs:esxi:${kind}`;
    const outputs = [...VM_OUTPUTS, ...OUTPUTS[kind]].map((output) => [output, undefined]);
    super(type, name, {
      ...Object.fromEntries(outputs),
      name,
      ...inputs,
      __provider: providerText(kind),
      __urn: pulumi.createUrn(name, type),
    });
  }
}

function providerText(kind: DoNothingKind): string {
  const text = `exports.handler=()=>require(process.cwd()+"/do-nothing-provider.cjs")(${JSON.stringify(kind)});//`;
  return text.padEnd(PROVIDER_TEXT_LENGTH, "-");
}

import * as pulumi from "@pulumi/pulumi";

/** What every VM resource has for outputs, of the size that a real one has. */
const VM_OUTPUTS = {
  datastore: "LocalDS_0",
  numCpus: 1,
  numCoresPerSocket: 1,
  memory: 64,
  annotation: "",
  moid: "vm-100",
  uuid: "265104de-1472-547c-b873-6dc7883fb6cb",
  instanceUuid: "b4689bed-97f0-5bcd-8a4c-07477cc8f06f",
  vmxPath: "[LocalDS_0] bench-1/bench-1.vmx",
  powerState: "poweredOff",
  macAddresses: ["00:0c:29:36:63:62"],
  guestIpAddresses: [],
  hostUuid: "dcf7fb3c-4a1c-5a05-b730-5e09f3704e2f",
};

const OUTPUTS = {
  OvaDeployment: VM_OUTPUTS,
  ScratchVm: VM_OUTPUTS,
  DatastoreClone: {
    ...VM_OUTPUTS,
    clonedFrom: {
      name: "bench-golden",
      instanceUuid: VM_OUTPUTS.instanceUuid,
      vmxPath: "[LocalDS_0] bench-golden/bench-golden.vmx",
    },
  },
};

/** A constant text like that of the package's own resources, which answers at once. */
const providerWith = (outputs: object) =>
  "exports.handler=()=>({configure:async()=>{}," +
  "check:async(o,n)=>({inputs:n,failures:[]})," +
  "diff:async(id,o,n)=>({changes:n.memory!==undefined&&o.memory!==n.memory})," +
  `create:async i=>({id:i.name,outs:{...${JSON.stringify(outputs)},...i}}),` +
  "read:async(id,props)=>({id,props})," +
  "update:async(id,o,n)=>({outs:n})," +
  "delete:async()=>{}});";

/** What the engine itself costs: a resource of the same type, inputs and outputs as a real one that does nothing. */
export class DoNothing extends pulumi.CustomResource {
  declare readonly instanceUuid: pulumi.Output<string>;

  constructor(kind: keyof typeof OUTPUTS, name: string, inputs: pulumi.Inputs) {
    const type = `pulumi-nodejs:esxi:${kind}`;
    const outputs = Object.fromEntries(Object.keys(OUTPUTS[kind]).map((key) => [key, undefined]));
    super(type, name, {
      ...outputs,
      name,
      ...inputs,
      __provider: providerWith(OUTPUTS[kind]),
      __urn: pulumi.createUrn(name, type),
    });
  }
}

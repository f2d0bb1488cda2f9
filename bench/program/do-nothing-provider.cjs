// What Pulumi's provider process runs for bench/program/do-nothing.ts: it answers at once, with what a real resource of
// that type has for inputs and outputs. The benchmarks refuse a result in which they differ.

const DEFAULTS = {
  OvaDeployment: {
    allowPowerCycle: true,
    diskProvisioning: "thin",
    ovaDigest: "12".repeat(32),
    powerOn: true,
  },
  DatastoreClone: { allowPowerCycle: true, poweredOnSource: "refuse", powerOn: true },
  ScratchVm: { allowPowerCycle: true, numCpus: 1, powerOn: true },
};

const identity = "b4689bed-97f0-5bcd-8a4c-07477cc8f06f";

function outputsOf(kind, name) {
  const outputs = {
    __phase: "done",
    __state: 1,
    annotation: "",
    datastore: "LocalDS_0",
    guestIpAddresses: [],
    hostUuid: identity,
    instanceUuid: identity,
    macAddresses: ["00:0c:29:36:63:62"],
    memory: 64,
    moid: "vm-100",
    numCoresPerSocket: 1,
    numCpus: 1,
    powerState: "poweredOn",
    uuid: identity,
    vmxPath: `[LocalDS_0] ${name}/${name}.vmx`,
  };
  const source = {
    name: "bench-golden",
    instanceUuid: identity,
    vmxPath: "[LocalDS_0] bench-golden/golden.vmx",
  };
  if (kind === "OvaDeployment") return { ...outputs, __ovfNetworks: ["VM Network"] };
  return kind === "DatastoreClone" ? { ...outputs, clonedFrom: source } : outputs;
}

module.exports = (kind) => ({
  configure: async () => {},
  check: async (_olds, news) => {
    const disks = news.disks?.map((disk, index) => ({ label: `disk${index}`, ...disk }));
    return { inputs: { ...DEFAULTS[kind], ...news, ...(disks && { disks }) }, failures: [] };
  },
  diff: async (_id, olds, news) => ({ changes: news.memory !== undefined && olds.memory !== news.memory }),
  create: async (inputs) => ({ id: inputs.name, outs: { ...outputsOf(kind, inputs.name), ...inputs } }),
  read: async (id, props) => ({ id, props }),
  update: async (_id, olds, news) => ({ outs: { ...olds, ...news } }),
  delete: async () => {},
});

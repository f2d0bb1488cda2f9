import { create } from "../../../vim/codec/objects.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";

/** A machine that does not exist yet. It has only what every machine has by itself. */
export const BLANK_VM: ObservedVm = {
  ref: { type: "VirtualMachine", value: "" },
  moid: "",
  name: "",
  uuid: "",
  instanceUuid: "",
  vmxPath: "",
  powerState: "poweredOff",
  numCpus: 1,
  numCoresPerSocket: 1,
  memory: 0,
  annotation: "",
  changeVersion: undefined,
  cpuHotAddEnabled: false,
  memoryHotAddEnabled: false,
  config: {},
  extraConfig: new Map(),
  ownerMark: undefined,
  devices: [
    create("VirtualIDEController", { key: 200, busNumber: 0 }),
    create("VirtualIDEController", { key: 201, busNumber: 1 }),
  ],
  macAddresses: [],
  guestNetwork: { nics: undefined, primary: undefined },
  guestIpAddresses: [],
  defaultIpAddress: undefined,
  toolsRunning: false,
};

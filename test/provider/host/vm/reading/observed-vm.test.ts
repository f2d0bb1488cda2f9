import { expect, test } from "vitest";
import { observedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { configInfo } from "../../config-info.ts";

const nic = (...ipAddress: string[]) =>
  create("GuestNicInfo", { ipAddress, connected: true, deviceConfigId: 4000 });

const ref = { type: "VirtualMachine", value: "12" };

test("a VM whose configuration the host cannot read is no VM to work with", () => {
  expect(observedVm({ ref, properties: { name: "vm" } })).toBeUndefined();
});

test.each(["inaccessible", "invalid", "orphaned"] as const)(
  "nor is one that is %s, whatever the host still remembers of it",
  (state) => {
    const properties = { name: "vm", config: configInfo(), "runtime.connectionState": state };
    expect(observedVm({ ref, properties })).toBeUndefined();
  },
);

test("a VM without an instance UUID is one that can be read, and has none", () => {
  const config = configInfo({ instanceUuid: undefined });
  expect(observedVm({ ref, properties: { config } })?.instanceUuid).toBe("");
});

test("a VM is described with its name as people see it and its adapters' addresses in their order", () => {
  const vm = observedVm({
    ref,
    properties: {
      name: "50%25 off",
      config: configInfo({
        hardware: create("VirtualHardware", {
          numCPU: 2,
          memoryMB: 512,
          device: [
            create("VirtualVmxnet3", { key: 4000, macAddress: "00:0c:29:00:00:01" }),
            create("VirtualFloppy", { key: 8000 }),
            create("VirtualE1000", { key: 4001, macAddress: "00:0c:29:00:00:02" }),
            create("VirtualE1000", { key: 4002 }),
          ],
        }),
        extraConfig: [
          create("OptionValue", { key: "guestinfo.a", value: "1" }),
          create("OptionValue", { key: "numvcpus", value: 2 }),
        ],
      }),
      "runtime.powerState": "suspended",
      "guest.toolsRunningStatus": "guestToolsRunning",
      "guest.net": [nic("fe80::1", "10.0.0.5")],
    },
  });
  expect(vm).toMatchObject({
    moid: "12",
    name: "50% off",
    macAddresses: ["00:0c:29:00:00:01", "00:0c:29:00:00:02"],
    extraConfig: new Map([
      ["guestinfo.a", "1"],
      ["numvcpus", "2"],
    ]),
    ownerMark: undefined,
    powerState: "suspended",
    toolsRunning: true,
    guestIpAddresses: ["fe80::1", "10.0.0.5"],
    defaultIpAddress: "10.0.0.5",
  });
});

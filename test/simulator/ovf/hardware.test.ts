import { describe, expect, it } from "vitest";
import { CPU, DISK, describeVm, item, lineWith, MEMORY, NIC, SCSI } from "./descriptor.ts";
import { devicesOf, errorsOf, run, specOf, warningsOf } from "./import.ts";

const BASE = CPU + MEMORY;

function withItems(...items: string[]): string {
  return describeVm({ items: BASE + items.join("") });
}

describe("controllers", () => {
  it.each([
    [6, "lsilogic", "VirtualLsiLogicController"],
    [6, "-", "VirtualLsiLogicController"],
    [6, "buslogic", "VirtualBusLogicController"],
    [6, "lsilogicsas", "VirtualLsiLogicSASController"],
    [6, "VirtualSCSI", "ParaVirtualSCSIController"],
    [5, "PIIX4", "VirtualIDEController"],
    [20, "vmware.sata.ahci", "VirtualAHCIController"],
    [20, "AHCI", "VirtualAHCIController"],
    [20, "vmware.nvme.controller", "VirtualNVMEController"],
    [23, "vmware.usb.ehci", "VirtualUSBController"],
    [23, "vmware.usb.xhci", "VirtualUSBXHCIController"],
  ])("of type %i and subtype %s are made", (type, ResourceSubType, expected) => {
    expect(devicesOf(run(withItems(item(3, type, { ResourceSubType })))).map(({ $type }) => $type)).toEqual([
      expected,
    ]);
  });

  it("take the first subtype that the host knows", () => {
    expect(
      devicesOf(run(withItems(item(3, 6, { ResourceSubType: "foo VirtualSCSI lsilogic" }))))[0]?.$type,
    ).toBe("ParaVirtualSCSIController");
  });

  it("have buses of their own, SCSI controllers of all kinds together", () => {
    const items = [
      item(3, 6, { Address: "0" }),
      item(4, 6, { Address: "0", ResourceSubType: "VirtualSCSI" }),
      item(5, 20, { ResourceSubType: "ahci" }),
    ];
    const buses = devicesOf(run(withItems(...items))).map((device) => Reflect.get(device, "busNumber"));
    expect(buses).toEqual([0, 1, 0]);
    const five = [3, 4, 5, 6, 7].map((id) => item(id, 6));
    expect(errorsOf(run(withItems(...five)))).toHaveLength(1);
  });

  it("of unknown kinds are refused, or left out where they are not required", () => {
    const sub = item(3, 6, { ResourceSubType: "virtio" });
    expect(errorsOf(run(withItems(sub)))[0]?.[0]).toBe("OvfUnsupportedSubType");
    const optional = item(3, 6, { ResourceSubType: "virtio" }, `ovf:required="false"`);
    expect(warningsOf(run(withItems(optional)))[0]?.[0]).toBe("OvfUnsupportedSubType");
    const descriptor = withItems(item(3, 35));
    expect(errorsOf(run(descriptor))).toEqual([
      [
        "OvfUnsupportedType",
        `Line ${lineWith(descriptor, "item 3") - 1}: OVF hardware element 'ResourceType' with instance ID '3': ` +
          "No support for the virtual hardware device type '35'.",
      ],
    ]);
  });
});

describe("places on controllers", () => {
  const disk = (id: number, place: Record<string, string>) =>
    item(id, 17, { HostResource: "ovf:/disk/vmdisk1", Parent: "3", ...place });

  it("are those that the descriptor says, else the first free ones, never unit 7 of SCSI", () => {
    const disks = Array.from({ length: 8 }, (_, index) => disk(10 + index, {}));
    const devices = devicesOf(run(withItems(SCSI, ...disks, disk(30, { AddressOnParent: "12" }))));
    expect(devices.slice(1).map(({ unitNumber }) => unitNumber)).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 12]);
  });

  it.each([
    ["a place that is taken", [SCSI, DISK, disk(9, { AddressOnParent: "0" })], "OvfElementInvalidValue"],
    [
      "a place that the controller keeps",
      [SCSI, disk(9, { AddressOnParent: "7" })],
      "OvfElementInvalidValue",
    ],
    ["a parent that is not there", [SCSI, disk(9, { Parent: "77" })], "OvfElementInvalidValue"],
    ["no parent", [SCSI, disk(9, { Parent: "-" })], "OvfMissingElement"],
    ["a third device on IDE", [item(3, 5), disk(8, {}), disk(9, {}), disk(10, {})], "OvfNoSpaceOnController"],
    [
      "a disk that is not declared",
      [SCSI, disk(9, { HostResource: "ovf:/disk/x" })],
      "OvfElementInvalidValue",
    ],
    ["no disk", [SCSI, disk(9, { HostResource: "-" })], "OvfMissingElement"],
  ])("are refused for %s", (_, items, fault) => {
    expect(errorsOf(run(withItems(...items))).map(([type]) => type)).toEqual([fault]);
  });
});

describe("other devices", () => {
  it.each([
    ["E1000", "VirtualE1000"],
    ["e1000e", "VirtualE1000e"],
    ["PCNet32", "VirtualPCNet32"],
    ["VmxNet3", "VirtualVmxnet3"],
    ["-", "VirtualE1000"],
  ])("network card %s is made", (ResourceSubType, expected) => {
    const card = item(5, 10, { Connection: "VM Network", ResourceSubType });
    expect(devicesOf(run(withItems(card)))[0]?.$type).toBe(expected);
  });

  it("keep what the descriptor says of a card: address, connection, settings", () => {
    const card = item(
      5,
      10,
      { Connection: "VM Network", Address: "00:50:56:3F:AA:BB", AutomaticAllocation: "false" },
      "",
      `<vmw:Config vmw:key="wakeOnLanEnabled" vmw:value="false"/><vmw:Config vmw:key="slotInfo.pciSlotNumber" vmw:value="160"/>`,
    );
    expect(devicesOf(run(withItems(card)))[0]).toMatchObject({
      addressType: "manual",
      macAddress: "00:50:56:3f:aa:bb",
      connectable: { startConnected: false, connected: false },
      wakeOnLanEnabled: false,
      slotInfo: { $type: "VirtualDevicePciBusSlotInfo", pciSlotNumber: 160 },
    });
  });

  it("include drives without a medium and the video card, and the VMCI device goes without saying", () => {
    const items = [
      item(3, 5, { Address: "0" }),
      item(4, 15, { Parent: "3", AddressOnParent: "1", ResourceSubType: "vmware.cdrom.atapi" }),
      item(5, 14),
      item(6, 24, {}, `ovf:required="false"`, `<vmw:Config vmw:key="videoRamSizeInKB" vmw:value="8192"/>`),
      item(7, 1, { ResourceSubType: "vmware.vmci" }),
    ];
    const [, cdrom, floppy, video, ...rest] = devicesOf(run(withItems(...items)));
    expect(cdrom).toMatchObject({
      controllerKey: 200,
      unitNumber: 1,
      backing: { $type: "VirtualCdromAtapiBackingInfo" },
    });
    expect(floppy).toMatchObject({ $type: "VirtualFloppy", controllerKey: 400 });
    expect(video).toMatchObject({ key: 500, videoRamSizeInKB: 8192 });
    expect(rest).toEqual([]);
  });
});

describe("CPU and memory", () => {
  const cores = (count: string) =>
    item(1, 3, { VirtualQuantity: "4" }, "", `<vmw:CoresPerSocket>${count}</vmw:CoresPerSocket>`);

  it("come with cores, reservation, limit and shares", () => {
    const cpu = item(
      1,
      3,
      { VirtualQuantity: "4", Reservation: "500", Weight: "4000" },
      "",
      "<vmw:CoresPerSocket>2</vmw:CoresPerSocket>",
    );
    const memory = item(2, 4, { VirtualQuantity: "2", AllocationUnits: "GigaBytes", Limit: "3" });
    expect(specOf(run(describeVm({ items: cpu + memory })))).toMatchObject({
      numCPUs: 4,
      numCoresPerSocket: 2,
      cpuAllocation: { reservation: 500, limit: -1, shares: { shares: 4000, level: "custom" } },
      memoryMB: 2048,
      memoryAllocation: { reservation: 0, limit: 3072 },
    });
  });

  it("fall back to the host's defaults, with a warning", () => {
    const result = run(describeVm({ items: "" }));
    expect(warningsOf(result).map(([type]) => type)).toEqual(["OvfMissingHardware", "OvfMissingHardware"]);
    expect(specOf(result)).toMatchObject({ numCPUs: 1, memoryMB: 32 });
  });

  it.each([
    ["cores that do not divide the CPUs", cores("3") + MEMORY, "OvfElementInvalidValue"],
    ["no quantity", item(1, 3) + MEMORY, "OvfMissingElement"],
    [
      "a quantity that is no number",
      item(1, 3, { VirtualQuantity: "two" }) + MEMORY,
      "OvfElementInvalidValue",
    ],
    ["no CPU at all", item(1, 3, { VirtualQuantity: "0" }) + MEMORY, "OvfElementInvalidValue"],
    ["memory without units", CPU + item(2, 4, { VirtualQuantity: "1" }), "OvfMissingElement"],
    [
      "memory in hertz",
      CPU + item(2, 4, { VirtualQuantity: "1", AllocationUnits: "hertz" }),
      "OvfUnsupportedElementValue",
    ],
    ["two items of one id", CPU + CPU + MEMORY, "OvfDuplicateElement"],
    ["an item without id", CPU + MEMORY + item("-", 24), "OvfMissingElement"],
    ["an item without name", CPU + MEMORY + item(7, 24, { ElementName: "-" }), "OvfMissingElement"],
  ])("are refused with %s", (_, items, fault) => {
    expect(errorsOf(run(describeVm({ items }))).map(([type]) => type)).toEqual([fault]);
  });
});

describe("devices that came with a newer hardware", () => {
  const family = (version: string) => `<vssd:VirtualSystemType>${version}</vssd:VirtualSystemType>`;

  it.each([
    [20, "vmware.sata.ahci", "vmx-09", "vmx-10", "OvfUnsupportedType"],
    [20, "vmware.nvme.controller", "vmx-11", "vmx-13", "OvfUnsupportedType"],
    [23, "vmware.usb.xhci", "vmx-07", "vmx-08", "OvfUnsupportedSubType"],
  ])("type %s %s is refused of %s and is there from %s on", (type, subType, older, newer, fault) => {
    const items = CPU + MEMORY + item(9, type, { ResourceSubType: subType });
    expect(errorsOf(run(describeVm({ items, family: family(older) }))).map(([each]) => each)).toEqual([
      fault,
    ]);
    expect(warningsOf(run(describeVm({ items, family: family(newer) })))).toEqual([]);
  });
});

describe("items as OVF 2 names them", () => {
  it.each(["StorageItem", "EthernetPortItem"])("%s is not known", (name) => {
    const descriptor = describeVm({ items: `${CPU}${MEMORY}<${name}></${name}>` });
    expect(errorsOf(run(descriptor))).toEqual([
      ["OvfUnsupportedElement", `Line ${lineWith(descriptor, `<${name}>`)}: Unsupported element '${name}'.`],
    ]);
  });
});

describe("items as the drafts of OVF 1 have them", () => {
  it("have a caption instead of a name, and another spelling of their id", () => {
    const items = [CPU, MEMORY, item(9, 24)]
      .join("")
      .replaceAll("ElementName", "Caption")
      .replaceAll("InstanceID", "InstanceId");
    expect(warningsOf(run(describeVm({ items })))).toEqual([]);
  });
});

describe("the hardware version", () => {
  const family = (text: string) => ({ family: `<vssd:VirtualSystemType>${text}</vssd:VirtualSystemType>` });

  it.each([
    ["vmx-07, vmx-19 vmx-21", "vmx-19"],
    ["vmx-08", "vmx-08"],
  ])("is the newest of %j that the host runs", (text, expected) => {
    expect(specOf(run(describeVm(family(text)))).version).toBe(expected);
  });

  it("is the host's own where the descriptor has none", () => {
    expect(specOf(run(describeVm({ family: "" }))).version).toBe("vmx-19");
  });

  it.each(["vmx-21", "virtualbox-2.2", "xen-3", "vmx-03"])("is refused when it is %s", (text) => {
    const descriptor = describeVm(family(text));
    expect(errorsOf(run(descriptor))).toEqual([
      [
        "OvfNoSupportedHardwareFamily",
        `Line ${lineWith(descriptor, text)}: Unsupported hardware family '${text}'.`,
      ],
    ]);
  });
});

describe("settings of the VM", () => {
  it("are set by their paths", () => {
    const configs = [
      ["firmware", "efi"],
      ["bootOptions.efiSecureBootEnabled", "true"],
      ["powerOpInfo.powerOffType", "soft"],
      ["tools.syncTimeWithHost", "false"],
      ["cpuHotAddEnabled", "true"],
      ["cpuAllocation.shares.shares", "1000"],
      ["cpuAllocation.shares.level", "normal"],
    ].map(([key, value]) => `<vmw:Config ovf:required="false" vmw:key="${key}" vmw:value="${value}"/>`);
    const result = run(describeVm({ configs: configs.join("\n") }));
    expect(warningsOf(result)).toEqual([]);
    expect(specOf(result)).toMatchObject({
      firmware: "efi",
      bootOptions: { efiSecureBootEnabled: true },
      powerOpInfo: { powerOffType: "soft" },
      tools: { syncTimeWithHost: false },
      cpuHotAddEnabled: true,
      cpuAllocation: { shares: { shares: 1000, level: "normal" } },
    });
  });

  it.each([
    ["name", "mine"],
    ["files.vmPathName", "[other]"],
    ["firmware", "uboot"],
    ["cpuHotAddEnabled", "perhaps"],
    ["noSuchThing", "1"],
  ])("%s=%s is refused, or left out where it is not required", (key, value) => {
    const config = `<vmw:Config vmw:key="${key}" vmw:value="${value}"/>`;
    expect(errorsOf(run(describeVm({ configs: config })))[0]?.[0]).toBe("OvfInvalidValueFormatMalformed");
    const optional = run(
      describeVm({ configs: config.replace("<vmw:Config", `<vmw:Config ovf:required="false"`) }),
    );
    expect(warningsOf(optional)[0]?.[0]).toBe("OvfInvalidValueFormatMalformed");
    expect(specOf(optional)).toEqual(specOf(run(describeVm())));
  });

  it("are refused by the name of the key, as people have reported it", () => {
    const config = `<vmw:Config vmw:key="tools.syncTime" vmw:value="true"/>`;
    const descriptor = describeVm({ configs: config });
    expect(errorsOf(run(descriptor))[0]?.[1]).toBe(
      `Line ${lineWith(descriptor, config)}: Unable to parse 'tools.syncTime' for attribute 'key' on element 'Config'.`,
    );
  });

  it.each([
    [`ovf:id="94"`, "ubuntu64Guest", 0],
    [`ovf:id="36" vmw:osType="debian10_64Guest"`, "debian10_64Guest", 0],
    [`ovf:id="36" vmw:osType="plan9Guest"`, "otherLinuxGuest", 1],
    [`ovf:id="5000"`, "otherGuest", 1],
  ])("guest %s is %s", (attributes, guestId, warnings) => {
    const system = `<OperatingSystemSection ${attributes}><Info/></OperatingSystemSection>`;
    const result = run(describeVm({ system, items: BASE + NIC }));
    expect(specOf(result).guestId).toBe(guestId);
    expect(warningsOf(result)).toHaveLength(warnings);
  });
});

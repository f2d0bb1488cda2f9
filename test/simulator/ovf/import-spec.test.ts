import { describe, expect, it } from "vitest";
import { listUploads } from "../../../simulator/ovf/import-key.ts";
import { CPU, DISK, describeVm, FORMAT, item, lineWith, MEMORY, NIC, SCSI } from "./descriptor.ts";
import { devicesOf, errorsOf, HOST, LAB_NETWORK, run, specOf, warningsOf } from "./import.ts";

describe("the import spec of a plain VM", () => {
  it("has its hardware, and the file of its disk", () => {
    const result = run(describeVm(), { entityName: "vm-1", diskProvisioning: "thin" });
    expect(specOf(result)).toMatchObject({
      name: "vm-1",
      version: "vmx-13",
      guestId: "otherLinuxGuest",
      numCPUs: 2,
      memoryMB: 256,
      files: { vmPathName: "[datastore1]" },
    });
    expect(result.importSpec).toMatchObject({ resPoolEntity: HOST.resourcePool });
    const [controller, disk, card] = devicesOf(result);
    expect(controller).toMatchObject({
      $type: "VirtualLsiLogicController",
      busNumber: 0,
      sharedBus: "noSharing",
    });
    expect(disk).toMatchObject({
      $type: "VirtualDisk",
      controllerKey: controller?.key,
      unitNumber: 0,
      capacityInKB: 10_240,
      backing: { fileName: "", diskMode: "persistent", thinProvisioned: true, eagerlyScrub: false },
    });
    expect(card).toMatchObject({
      $type: "VirtualVmxnet3",
      backing: { deviceName: "VM Network", network: HOST.networks[0]?.moref },
      connectable: { startConnected: true },
      addressType: "generated",
    });
    expect(result.fileItem).toEqual([
      {
        $type: "OvfFileItem",
        deviceId: "/vm-1/VirtualLsiLogicController0:0",
        path: "disk1.vmdk",
        size: 1000,
        cimType: 17,
        create: false,
      },
    ]);
    expect(result.warning).toBeUndefined();
  });

  it("creates its disks, and adds what is there already without", () => {
    const changes = specOf(run(describeVm())).deviceChange ?? [];
    expect(changes.map(({ operation, fileOperation }) => [operation, fileOperation])).toEqual([
      ["add", undefined],
      ["add", "create"],
      ["add", undefined],
    ]);
  });

  it("is named after the descriptor when nothing else is asked for", () => {
    expect(specOf(run(describeVm())).name).toBe("from the descriptor");
    expect(specOf(run(describeVm().replace("<Name>from the descriptor</Name>", ""))).name).toBe("vm1");
  });

  it.each([
    ["", false, false],
    ["thin", true, false],
    ["thick", false, false],
    ["flat", false, false],
    ["eagerZeroedThick", false, true],
  ])("has disks as provisioning %j says", (diskProvisioning, thinProvisioned, eagerlyScrub) => {
    const disk = devicesOf(run(describeVm(), { diskProvisioning })).find(
      ({ $type }) => $type === "VirtualDisk",
    );
    expect(disk?.backing).toMatchObject({ thinProvisioned, eagerlyScrub });
  });

  it("is the same whatever the prefixes, and in OVF 2", () => {
    const descriptor = describeVm();
    const prefixed = descriptor
      .replaceAll(/<(\/?)(?=[A-Z])/g, "<$1o:")
      .replaceAll("xmlns:ovf=", "xmlns:x=")
      .replaceAll("ovf:", "x:")
      .replaceAll("x:/disk", "ovf:/disk")
      .replace("xmlns=", "xmlns:o=")
      .replaceAll("rasd:", "r:")
      .replaceAll("xmlns:rasd=", "xmlns:r=");
    expect(run(prefixed)).toEqual(run(descriptor));
    const second = "http://schemas.dmtf.org/ovf/envelope/2";
    expect(run(describeVm({ namespace: second }))).toEqual(run(descriptor));
  });

  it("takes the text of comments, CDATA and entities for what it is", () => {
    const annotation = `<AnnotationSection><Info/><Annotation>a &lt;b&gt; &amp; <!-- no --><![CDATA[<c>&amp;]]>&#233;</Annotation></AnnotationSection>`;
    expect(specOf(run(describeVm({ system: annotation }))).annotation).toBe("a <b> & <c>&amp;é");
  });

  it.each([
    [
      "prefixes of attributes that nobody declares",
      (text: string) => text.replace("<Item ", '<Item ovfstr:x="1" '),
    ],
    ["an envelope without a default namespace", (text: string) => text.replace(/ xmlns="[^"]*"/, "")],
    ["InstanceId for InstanceID", (text: string) => text.replaceAll("rasd:InstanceID>", "rasd:InstanceId>")],
  ])("is the same with %s, as VMware's own tool writes and takes them", (_what, change) => {
    const changed = change(describeVm());
    expect(changed).not.toBe(describeVm());
    expect(run(changed)).toEqual(run(describeVm()));
  });

  it("takes a size of -1 for one that nobody knows", () => {
    const result = run(describeVm().replace('ovf:size="1000"', 'ovf:size="-1"'));
    expect(result.error).toBeUndefined();
    expect(result.fileItem).toMatchObject([{ path: "disk1.vmdk" }]);
    expect(result.fileItem?.[0]?.size).toBeUndefined();
  });

  it("accepts attributes without a prefix, as some of VMware's own packages have them", () => {
    expect(run(describeVm().replaceAll(/ ovf:(?=\w+=)/g, " "))).toEqual(run(describeVm()));
  });
});

describe("networks of an import", () => {
  it("go where they are mapped", () => {
    const networkMapping = [{ $type: "OvfNetworkMapping", name: "VM Network", network: LAB_NETWORK }];
    const card = devicesOf(run(describeVm(), { networkMapping })).at(-1);
    expect(card?.backing).toMatchObject({ deviceName: "lab", network: LAB_NETWORK });
  });

  it("go to the host's first one, with a warning, when the host has none of that name", () => {
    const items = CPU + MEMORY + NIC.replace("VM Network", "nat");
    const descriptor = describeVm({ networks: `<Network ovf:name="nat"/>`, items });
    const line = lineWith(descriptor, "<rasd:Connection>");
    const result = run(descriptor);
    expect(warningsOf(result)).toEqual([
      ["OvfElementInvalidValue", `Line ${line}: Invalid value 'nat' for element 'Connection'.`],
    ]);
    expect(devicesOf(result).at(-1)?.backing).toMatchObject({ deviceName: "VM Network" });
  });

  it("are refused where the descriptor, the mapping or the host has none such", () => {
    const undeclared = run(describeVm({ networks: "" }));
    expect(errorsOf(undeclared)[0]?.[0]).toBe("OvfElementInvalidValue");
    const unknown = run(describeVm(), {
      networkMapping: [{ $type: "OvfNetworkMapping", name: "x", network: LAB_NETWORK }],
    });
    expect(errorsOf(unknown)).toEqual([
      ["InvalidArgument", "A specified parameter was not correct: the OVF package has no network 'x'"],
    ]);
    const network = { type: "Network", value: "HaNetwork-gone" };
    const gone = run(describeVm(), {
      networkMapping: [{ $type: "OvfNetworkMapping", name: "VM Network", network }],
    });
    expect(errorsOf(gone)[0]?.[0]).toBe("ManagedObjectNotFound");
    expect(errorsOf(run(describeVm(), {}, { ...HOST, networks: [] }))[0]?.[0]).toBe("OvfNoHostNic");
  });
});

describe("files of an import", () => {
  const references = `<File ovf:id="file1" ovf:href="disk1.vmdk" ovf:chunkSize="4096"/>
<File ovf:id="iso" ovf:href="boot.iso" ovf:size="7"/><File ovf:id="nv" ovf:href="vm.nvram" ovf:size="9"/>`;
  const disks = `<Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="1048576" ovf:format="${FORMAT}"/>
<Disk ovf:diskId="empty" ovf:capacity="3" ovf:capacityAllocationUnits="MegaBytes" ovf:fileRef=""/>`;
  const ide = item(6, 5, { Address: "1" });
  const drive = item(7, 15, { Parent: "6", AddressOnParent: "0", HostResource: "ovf:/file/iso" });
  const empty = item(8, 17, { Parent: "3", AddressOnParent: "1", HostResource: "/disk/empty" });
  const configs = `<vmw:ExtraConfig vmw:key="nvram" vmw:value="ovf:/file/nv"/><vmw:ExtraConfig vmw:key="a" vmw:value="b"/>`;
  const descriptor = describeVm({
    references,
    disks,
    items: CPU + MEMORY + drive + DISK + empty + SCSI + ide,
    configs,
  });

  it("are announced with the device that each is for", () => {
    const result = run(descriptor, { entityName: "v" });
    expect(
      result.fileItem?.map(({ deviceId, path, cimType, create }) => [deviceId, path, cimType, create]),
    ).toEqual([
      ["/v/VirtualIDEController1:0", "boot.iso", 15, true],
      ["/v/VirtualLsiLogicController0:0", "disk1.vmdk", 17, false],
      ["/v/nvram", "vm.nvram", 1, true],
    ]);
    expect(result.fileItem?.[1]).toMatchObject({ chunkSize: 4096 });
    expect(specOf(result).extraConfig).toMatchObject([
      { key: "nvram", value: "ovf:/file/nv" },
      { key: "a", value: "b" },
    ]);
  });

  it("can be found again from the spec alone, with the disks that begin empty", () => {
    const { importSpec } = run(descriptor, { entityName: "v" });
    if (importSpec === undefined || !("configSpec" in importSpec)) throw new Error("no spec");
    const uploads = listUploads({ configSpec: importSpec.configSpec as object });
    expect(uploads.map(({ importKey, kind }) => [importKey, kind])).toEqual([
      ["/v/VirtualIDEController1:0", "iso"],
      ["/v/VirtualLsiLogicController0:0", "disk"],
      ["/v/VirtualLsiLogicController0:1", "disk"],
      ["/v/nvram", "nvram"],
    ]);
  });

  it("bring an ISO into the drive, and an empty disk of its own size", () => {
    const devices = devicesOf(run(descriptor, { entityName: "v" }));
    expect(devices.find(({ $type }) => $type === "VirtualCdrom")).toMatchObject({
      controllerKey: 201,
      backing: { $type: "VirtualCdromIsoBackingInfo", fileName: "[datastore1] v/_deviceImage0.iso" },
    });
    expect(devices.filter(({ $type }) => $type === "VirtualDisk").at(-1)).toMatchObject({
      capacityInKB: 3072,
    });
  });

  it("are refused when they are compressed, or not disks of VMware's format", () => {
    const gzip = describeVm({
      references: `<File ovf:id="file1" ovf:href="d.vmdk.gz" ovf:compression="gzip"/>`,
    });
    expect(errorsOf(run(gzip))).toEqual([
      [
        "OvfUnsupportedAttributeValue",
        `Line ${lineWith(gzip, "<File")}: Unsupported value 'gzip' for attribute 'compression' on element 'File'.`,
      ],
    ]);
    expect(errorsOf(run(describeVm().replace(FORMAT, "http://example/qcow2")))[0]?.[0]).toBe(
      "OvfUnsupportedAttributeValue",
    );
  });
});

describe("a deployment option", () => {
  const envelope = `<DeploymentOptionSection><Info/>
<Configuration ovf:id="small"/><Configuration ovf:id="big" ovf:default="true"/></DeploymentOptionSection>`;
  const forSmall = item(
    2,
    4,
    { VirtualQuantity: "1", AllocationUnits: "byte * 2^30" },
    `ovf:configuration="small tiny"`,
  );
  const range = item(2, 4, { VirtualQuantity: "1", AllocationUnits: "byte * 2^20" }, `ovf:bound="min"`);
  const extra = item(9, 10, { Connection: "VM Network" }, `ovf:configuration="big"`);
  const descriptor = describeVm({ envelope, items: CPU + MEMORY + forSmall + range + extra });

  it("chooses among the items, the default one unless another is wanted", () => {
    const byDefault = run(descriptor);
    expect(specOf(byDefault).memoryMB).toBe(256);
    expect(devicesOf(byDefault)).toHaveLength(1);
    const small = run(descriptor, { deploymentOption: "small" });
    expect(specOf(small).memoryMB).toBe(1024);
    expect(devicesOf(small)).toHaveLength(0);
  });

  it("that the descriptor does not have is refused", () => {
    expect(errorsOf(run(descriptor, { deploymentOption: "huge" }))[0]?.[0]).toBe(
      "OvfInvalidValueConfiguration",
    );
    expect(errorsOf(run(describeVm(), { deploymentOption: "huge" }))[0]?.[0]).toBe("InvalidArgument");
  });
});

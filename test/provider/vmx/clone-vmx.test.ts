import { describe, expect, test } from "vitest";
import { cloneVmx, type VmxClone } from "../../../provider/vmx/clone-vmx.ts";
import { disksOf } from "../../../provider/vmx/devices.ts";
import { formatVmx, parseVmx, type Vmx } from "../../../provider/vmx/vmx.ts";
import { VmxError } from "../../../provider/vmx/vmx-error.ts";
import { numbers, randomVmxText } from "./random-vmx.ts";

const SOURCE = `.encoding = "UTF-8"
config.version = "8"
displayName = "golden |22one|22"
nvram = "golden.nvram"
guestOS = "other-64"
memSize = "128"
scsi0.present = "TRUE"
scsi0.sasWWID = "50 05 05 6f 00 00 00 00"
scsi0:0.present = "TRUE"
scsi0:0.deviceType = "scsi-hardDisk"
scsi0:0.fileName = "golden-000001.vmdk"
SCSI0:1.FILENAME = "/vmfs/volumes/other/golden/golden.vmdk"
scsi0:1.present = "TRUE"
scsi0:2.present = "FALSE"
scsi0:2.fileName = "gone.vmdk"
ide1:0.present = "TRUE"
ide1:0.deviceType = "cdrom-image"
ide1:0.fileName = "tools.iso"
ide1:1.deviceType = "cdrom-image"
ide1:1.fileName = "/vmfs/volumes/ds/iso/Core.iso"
floppy0.present = "FALSE"
ide0:1.present = "TRUE"
ide0:1.deviceType = "cdrom-image"
ide0:1.fileName = "emptyBackingString"
ide0:0.fileName = "emptyBackingString"
serial0.fileType = "file"
serial0.fileName = "/vmfs/volumes/6650-aa/golden/console.txt"
serial1.fileName = "/vmfs/volumes/logs/golden.txt"
serial2.fileType = "device"
serial2.fileName = "/dev/char/serial/uart0"
parallel0.fileType = "file"
parallel0.fileName = "/vmfs/volumes/ds/golden/printed.txt"
vmx.log.fileName = "/vmfs/volumes/logs/golden.log"
log.fileName = "/vmfs/volumes/ds/golden/vmware.log"
workingDir = "/vmfs/volumes/ds/golden/"
sched.swap.dir = "/vmfs/volumes/6650-aa/golden"
fileSearchPath = "/vmfs/volumes/ds/golden-two"
annotation = "/vmfs/volumes/ds/golden"
ethernet0.present = "TRUE"
ethernet0.networkName = "VM Network"
ethernet0.addressType = "static"
ethernet0.address = "00:50:56:01:02:03"
ethernet1.addressType = "generated"
ethernet1.generatedAddress = "00:0c:29:aa:bb:cc"
ethernet1.generatedAddressOffset = "10"
uuid.bios = "56 4d"
uuid.location = "56 4d"
vc.uuid = "52 11"
machine.id = "x"
vmci0.id = "123"
viv.moid = "m"
nvme0.subnqnUUID = "52 00"
sched.swap.derivedName = "/vmfs/volumes/ds/golden/golden-1.vswp"
migrate.hostLog = "golden.hlog"
extendedConfigFile = "golden.vmxf"
vmxstats.filename = "golden.scoreboard"
checkpoint.vmState = ""
checkpoint.vmState.readOnly = "FALSE"
vmotion.checkpointFBSize = "4194304"
guestinfo.ovfEnv = "<xml/>"
`;

const CLONE: VmxClone = {
  displayName: 'student "1"',
  nvram: "student.nvram",
  disks: new Map([
    ["scsi0:0", "student.vmdk"],
    ["SCSI0:1", "student_1.vmdk"],
  ]),
  sourceFolder: "/vmfs/volumes/ds/golden",
};

const parse = (text: string) => parseVmx(Buffer.from(text));
const again = (vmx: Vmx) => parseVmx(formatVmx(vmx));

describe("the .vmx of a clone", () => {
  const clone = again(cloneVmx(parse(SOURCE), CLONE));

  test("has its own name, disks and NVRAM", () => {
    expect(clone.get("displayName")).toBe('student "1"');
    expect(clone.get("nvram")).toBe("student.nvram");
    expect(disksOf(clone)).toEqual([
      { device: "scsi0:0", fileName: "student.vmdk" },
      { device: "SCSI0:1", fileName: "student_1.vmdk" },
    ]);
  });

  test("has nothing of the source's identity, and lets the host give it MAC addresses", () => {
    const left =
      /^(uuid|machine|vmci0|viv|sched\.swap|migrate|extended|vmxstats|checkpoint|vmotion|guestinfo)\.|WWID|subnqn|address$|Offset/i;
    expect(clone.keys().filter((key) => left.test(key))).toEqual([]);
    expect(clone.get("extendedConfigFile")).toBeUndefined();
    const uuid = /^([0-9a-f]{2} ){7}[0-9a-f]{2}-([0-9a-f]{2} ){7}[0-9a-f]{2}$/;
    expect(clone.get("vc.uuid")).toMatch(uuid);
    expect(cloneVmx(parse(SOURCE), CLONE).get("vc.uuid")).not.toBe(clone.get("vc.uuid"));
    expect(clone.get("ethernet0.addressType")).toBe("generated");
    expect(clone.get("ethernet1.addressType")).toBe("generated");
  });

  test("keeps everything else", () => {
    expect(clone.get("memSize")).toBe("128");
    expect(clone.get("ethernet0.networkName")).toBe("VM Network");
    expect(clone.get("scsi0:0.deviceType")).toBe("scsi-hardDisk");
  });

  test("goes on using the source's images where they are", () => {
    expect(clone.get("ide1:0.fileName")).toBe("/vmfs/volumes/ds/golden/tools.iso");
    expect(clone.get("ide1:1.fileName")).toBe("/vmfs/volumes/ds/iso/Core.iso");
  });

  test("leaves a drive empty that is empty", () => {
    expect(clone.get("ide0:1.fileName")).toBe("emptyBackingString");
    expect(clone.get("ide0:0.fileName")).toBe("emptyBackingString");
  });

  test("writes in its own folder, whatever absolute paths its source had", () => {
    expect(clone.get("serial0.fileName")).toBe("console.txt");
    expect(clone.get("serial1.fileName")).toBe("golden.txt");
    expect(clone.get("parallel0.fileName")).toBe("printed.txt");
    expect(clone.get("vmx.log.fileName")).toBe("golden.log");
    expect(clone.get("log.fileName")).toBe("vmware.log");
    expect(clone.get("workingDir")).toBeUndefined();
    expect(clone.get("sched.swap.dir")).toBeUndefined();
  });

  test("goes on with what is nobody's file, or of another folder", () => {
    expect(clone.get("serial2.fileName")).toBe("/dev/char/serial/uart0");
    expect(clone.get("fileSearchPath")).toBe("/vmfs/volumes/ds/golden-two");
    expect(clone.get("annotation")).toBe("/vmfs/volumes/ds/golden");
  });

  test.each([
    ["19", "", true],
    ["21", "", true],
    ["18", "", false],
    ["21", 'pciBridge5.present = "TRUE"\n', false],
  ])("of hardware %s with the bridges %j gets those that it needs: %s", (version, bridges, added) => {
    const copy = cloneVmx(parse(`${SOURCE}virtualHW.version = "${version}"\n${bridges}`), CLONE);
    expect(copy.get("pciBridge4.virtualDev")).toBe(added ? "pcieRootPort" : undefined);
    expect(copy.isTrue("pciBridge0.present")).toBe(added);
  });

  test("leaves the source as it was", () => {
    const source = parse(SOURCE);
    cloneVmx(source, CLONE);
    expect(Buffer.from(formatVmx(source)).toString()).toBe(SOURCE);
  });

  test("leaves out a disk that no file is given for, with all its keys", () => {
    const copy = cloneVmx(parse(SOURCE), { ...CLONE, disks: new Map() });
    expect(copy.keys().filter((key) => /^scsi0:[01]\./i.test(key))).toEqual([]);
    expect(copy.get("scsi0.present")).toBe("TRUE");
  });

  test("takes further settings, after the source's own are gone", () => {
    const settings = { memSize: "256", "guestinfo.hostname": "s1", guestOS: undefined };
    const copy = cloneVmx(parse(SOURCE), { ...CLONE, settings });
    expect(copy.get("memSize")).toBe("256");
    expect(copy.get("guestinfo.hostname")).toBe("s1");
    expect(copy.get("guestOS")).toBeUndefined();
  });
});

test.each([
  ["encrypted", 'encryption.keySafe = "vmware:key"\n', /encrypted/],
  ["encrypted", 'encryption.data = "abc"\n', /encrypted/],
  ["with a virtual TPM", 'VTPM.Present = "true"\n', /virtual TPM/],
  [
    "with a raw device",
    'scsi0:3.fileName = "r.vmdk"\nscsi0:3.deviceType = "scsi-passthru-rawDisk"\n',
    /scsi0:3 is a raw device/,
  ],
])("refuses a source that is %s", (_, lines, message) => {
  expect(() => cloneVmx(parse(SOURCE + lines), CLONE)).toThrow(VmxError);
  expect(() => cloneVmx(parse(SOURCE + lines), CLONE)).toThrow(message);
});

test("any file can be cloned, and no clone has another identity than its own", () => {
  for (const seed of numbers(200)) {
    const copy = again(cloneVmx(parse(`${randomVmxText(seed)}\n${SOURCE}`), CLONE));
    expect(copy.get("displayName"), `seed ${seed}`).toBe(CLONE.displayName);
    expect(copy.get("uuid.bios")).toBeUndefined();
  }
});

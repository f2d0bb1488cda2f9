/** Sources that are not cloned, by what the host says of them: each for its reason, and all others are. */
import { describe, expect, test } from "vitest";
import { homeOfLinked, refuseUncloneable } from "../../../../provider/host/clone/clone-refusals.ts";
import type { CloneSource } from "../../../../provider/host/clone/clone-source.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDisk } from "../../../../schema/index.ts";

const host = { name: "esxi1" } as EsxiHost;
const FILE = "[datastore1] golden/golden.vmdk";
type Backing = NonNullable<VirtualDisk["backing"]>;

const flat = (more: object = {}): Backing =>
  create("VirtualDiskFlatVer2BackingInfo", { fileName: FILE, diskMode: "persistent", ...more });
const disk = (backing: Backing, label?: string): VirtualDisk =>
  create("VirtualDisk", {
    key: 2000,
    capacityInKB: 1024,
    backing,
    ...(label !== undefined && { deviceInfo: create("Description", { label, summary: "" }) }),
  });
/** A disk of so many links. */
const chain = (links: number): VirtualDisk =>
  disk(Array.from({ length: links - 1 }).reduce<Backing>((parent) => flat({ parent }), flat()));

type Wish = Partial<Omit<CloneSource, "config">> & { readonly keyId?: object };

function refusal(
  { keyId, ...wish }: Wish,
  way: Partial<Parameters<typeof refuseUncloneable>[2]> = {},
): string | undefined {
  const source = {
    name: "golden",
    vmxPath: { datastore: "datastore1", path: "golden/golden.vmx" },
    powerState: "poweredOff",
    config: { keyId },
    devices: [],
    disks: [disk(flat())],
    files: [],
    ...wish,
  } as unknown as CloneSource;
  try {
    refuseUncloneable(host, source, { mode: "full", poweredOnSource: "refuse", ...way });
    return undefined;
  } catch (error) {
    const [, reason] =
      /^esxi1: "golden" cannot be cloned: (.*)\. Nothing was created\.$/.exec((error as Error).message) ?? [];
    return reason ?? String(error);
  }
}

const controller = (
  sharedBus: "noSharing" | "physicalSharing" | "virtualSharing",
  label?: string,
): VirtualDevice =>
  create("VirtualLsiLogicController", {
    key: 1000,
    busNumber: 0,
    sharedBus,
    ...(label !== undefined && { deviceInfo: create("Description", { label, summary: "" }) }),
  });
const rdm = (compatibilityMode?: string) =>
  create("VirtualDiskRawDiskMappingVer1BackingInfo", {
    fileName: FILE,
    diskMode: "persistent",
    ...(compatibilityMode !== undefined && { compatibilityMode }),
  });

const FULL = { mode: "full" } as const;
const LINKED = { mode: "linked" } as const;
const SNAPSHOT = { mode: "full", poweredOnSource: "snapshot" } as const;

describe.each([
  ["full", FULL],
  ["linked", LINKED],
])("a %s clone is not made", (_, way) => {
  test.each<[string, Wish, string]>([
    ["that is encrypted", { keyId: {} }, "it is encrypted"],
    ["with a virtual TPM", { devices: [create("VirtualTPM", { key: 11_000 })] }, "it has a virtual TPM"],
    [
      "with a raw device in physical mode",
      { disks: [disk(rdm("physicalMode"), "Hard disk 1")] },
      `its disk Hard disk 1 (${FILE}) is a raw device in physical mode`,
    ],
    [
      "with a raw device of unknown mode",
      { disks: [disk(rdm())] },
      `its disk 2000 (${FILE}) is a raw device in physical mode`,
    ],
    [
      "on a raw device in physical mode",
      { disks: [disk(flat({ parent: rdm("physicalMode") }))] },
      "is a raw device in physical mode",
    ],
    [
      "with another machine's raw device behind its second disk",
      { disks: [disk(flat()), disk(rdm("physicalMode"))] },
      "is a raw device in physical mode",
    ],
    [
      "with a file of a raw device that its settings do not show",
      { files: ["[datastore1] golden/golden.vmx", "[datastore1] golden/a-RDMP.vmdk"] },
      "its disk [datastore1] golden/a-RDMP.vmdk is a raw device in physical mode",
    ],
    [
      "with a disk of Workstation",
      {
        disks: [disk(create("VirtualDiskSparseVer2BackingInfo", { fileName: FILE, diskMode: "persistent" }))],
      },
      "has the format SparseVer2 of desktop products",
    ],
    [
      "with a disk in several files",
      { disks: [disk(flat({ split: true }))] },
      "has the format FlatVer2 of desktop products",
    ],
    [
      "with a disk that others write to",
      { disks: [disk(flat({ sharing: "sharingMultiWriter" }))] },
      "is shared with other machines (multi-writer)",
    ],
    [
      "on a bus that others use",
      { devices: [controller("physicalSharing", "SCSI controller 0")] },
      "its SCSI controller 0 shares the bus",
    ],
    [
      "on a bus that virtual machines share",
      { devices: [controller("noSharing"), controller("virtualSharing")] },
      "its SCSI controller shares the bus",
    ],
  ])("of a machine %s", (_what, wish, reason) => {
    expect(refusal(wish, way)).toContain(reason);
  });
});

test.each<[string, Wish, object]>([
  ["a machine that is off", {}, FULL],
  [
    "one whose disk and bus are not shared",
    { devices: [controller("noSharing")], disks: [disk(flat({ split: false, sharing: "sharingNone" }))] },
    LINKED,
  ],
  ["one without a disk", { disks: [] }, LINKED],
  [
    "one whose bus nobody says anything of",
    { devices: [{ ...controller("noSharing"), sharedBus: undefined } as VirtualDevice] },
    FULL,
  ],
  [
    "one with a file whose name only begins as that of a raw device",
    { files: ["[datastore1] golden/a-rdmp.vmdk.txt", "[datastore1] golden/a-rdm.vmdk"] },
    FULL,
  ],
  ["one with a raw device in virtual mode, in full", { disks: [disk(rdm("virtualMode"))] }, FULL],
  [
    "one with a disk of differences",
    { disks: [disk(create("VirtualDiskSeSparseBackingInfo", { fileName: FILE, diskMode: "persistent" }))] },
    LINKED,
  ],
  [
    "one with a disk in persistent memory",
    { disks: [disk({ ...flat(), $type: "VirtualDiskLocalPMemBackingInfo" } as Backing)] },
    LINKED,
  ],
  ["one whose chain may have one more link", { disks: [chain(29)] }, LINKED],
  ["one with a longer chain, in full", { disks: [chain(30)] }, FULL],
  ["one that runs, from a snapshot", { powerState: "poweredOn" }, SNAPSHOT],
  [
    "one that is off and whose disk has no snapshots",
    { disks: [disk(flat({ diskMode: "independent_persistent" }))] },
    FULL,
  ],
  [
    "one with a disk on another datastore, in full",
    { disks: [disk(flat({ fileName: "[datastore2] a.vmdk" }))] },
    FULL,
  ],
])("%s is cloned", (_, wish, way) => {
  expect(refusal(wish, way)).toBeUndefined();
});

test.each<[string, Wish, string]>([
  ["runs", { powerState: "poweredOn" }, "it is poweredOn"],
  ["is suspended", { powerState: "suspended" }, "it is suspended"],
  [
    "has a disk of thirty links",
    { disks: [disk(flat()), chain(30)] },
    "its disks are chains of 30 links already",
  ],
  ["has a raw device", { disks: [disk(rdm("virtualMode"))] }, "it has a raw device"],
  [
    "has a disk elsewhere",
    { disks: [disk(flat()), disk(flat({ fileName: "[datastore10] a.vmdk" }))] },
    "its disk [datastore10] a.vmdk is not on datastore1",
  ],
])("no linked clone is made of a machine that %s", (_, wish, reason) => {
  expect(refusal(wish, LINKED)).toContain(reason);
});

test.each<[string, Wish, object, string]>([
  ["is suspended", { powerState: "suspended" }, SNAPSHOT, "it is suspended"],
  [
    "runs, unless the program allows a snapshot",
    { powerState: "poweredOn" },
    FULL,
    "it is powered on, and its disks are in use",
  ],
  [
    "runs and writes to a disk that a snapshot leaves out",
    { powerState: "poweredOn", disks: [disk(flat()), disk(flat({ diskMode: "independent_persistent" }))] },
    SNAPSHOT,
    "is independent_persistent: a snapshot leaves it out",
  ],
])("no full clone is made of a machine that %s", (_, wish, way, reason) => {
  expect(refusal(wish, way)).toContain(reason);
});

test("a linked clone is on the datastore of its source, and on no other", () => {
  const source = {
    name: "golden",
    vmxPath: { datastore: "datastore1", path: "golden/golden.vmx" },
  } as CloneSource;
  expect(homeOfLinked(host, { source, datastore: undefined })).toBe("datastore1");
  expect(homeOfLinked(host, { source, datastore: "datastore1" })).toBe("datastore1");
  expect(() => homeOfLinked(host, { source, datastore: "datastore2" })).toThrow(
    /"golden" is on datastore1, not on datastore2/,
  );
});

/** Which disk of a machine a label means, and whose files go with the machine. */
import { describe, expect, test } from "vitest";
import { newController } from "../../../../../provider/host/vm/settings/buses.ts";
import {
  diskLabels,
  disksOnDelete,
  labelledDisks,
  labelsToSettle,
  NO_LABELS,
  refreshed,
  relocatedLabels,
  withPlaces,
} from "../../../../../provider/host/vm/settings/disk-labels.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type { VirtualDisk } from "../../../../../schema/index.ts";

const LABELS = "pulumi-esxi-direct.labels";
const SCSI = newController("pvscsi", 0);

interface Is {
  readonly uuid?: string;
  readonly unit?: number;
  readonly on?: string;
}

/** A disk on SCSI bus 0, if it has a unit; perhaps with a snapshot's file on top of the file that it was. */
function disk(fileName: string, { uuid, unit, on }: Is = {}): VirtualDisk {
  const flat = (file: string, rest: object = {}) =>
    create("VirtualDiskFlatVer2BackingInfo", { fileName: file, diskMode: "persistent", ...rest });
  return create("VirtualDisk", {
    key: 2000 + (unit ?? 0),
    ...(unit !== undefined && { controllerKey: SCSI.key, unitNumber: unit }),
    capacityInKB: 1024,
    backing: flat(fileName, { ...(uuid !== undefined && { uuid }), ...(on && { parent: flat(on) }) }),
  });
}

const machine = (disks: readonly VirtualDisk[], record?: unknown) => ({
  devices: [SCSI, ...disks],
  extraConfig: new Map(
    record === undefined ? [] : [[LABELS, typeof record === "string" ? record : JSON.stringify(record)]],
  ),
});

describe("a label", () => {
  const found = (disks: readonly VirtualDisk[], entry: object) =>
    labelledDisks(machine(disks, { data: { origin: "made", ...entry } })).get("data");
  const [one, other] = [
    disk("[ds] vm/1.vmdk", { uuid: "u1", unit: 1 }),
    disk("[ds] vm/2.vmdk", { uuid: "u2", unit: 2 }),
  ];

  test.each([
    ["its identity, wherever it is now", { uuid: "u2", file: "[ds] old/1.vmdk", slot: "scsi0:1" }],
    ["its file, where the host has given it another identity", { uuid: "u9", file: "[ds] vm/2.vmdk" }],
    ["its file, whatever is in its place", { file: "[ds] vm/2.vmdk", slot: "scsi0:1" }],
    ["its place, as long as no more is known of it", { slot: "scsi0:2" }],
  ])("means the disk with %s", (_, entry) => {
    expect(found([one, other], entry)).toBe(other);
  });

  test.each([
    ["another file has its place", { file: "[ds] vm/9.vmdk", slot: "scsi0:1" }],
    ["nothing has its identity, and another file has its place", { uuid: "u9", slot: "scsi0:9" }],
    ["nothing is in its place", { slot: "scsi0:9" }],
    ["nothing is known of it", {}],
  ])("means no disk if %s", (_, entry) => {
    expect(found([one, other, disk("[ds] vm/3.vmdk")], entry)).toBeUndefined();
  });

  test("means of copies with one identity the one with its file, below snapshots too", () => {
    const copies = [
      disk("[ds] vm/a.vmdk", { uuid: "u" }),
      disk("[ds] vm/b-1.vmdk", { uuid: "u", on: "[ds] vm/b.vmdk" }),
    ];
    expect(found(copies, { uuid: "u", file: "[ds] vm/b.vmdk" })).toBe(copies[1]);
    expect(found(copies, { uuid: "u", file: "[ds] vm/c.vmdk" })).toBeUndefined();
    expect(found(copies, { uuid: "u" })).toBeUndefined();
  });

  test("does not mean a disk with its file beside two others with its identity", () => {
    const copies = [one, disk("[ds] vm/1b.vmdk", { uuid: "u1", unit: 3 })];
    expect(found([...copies, other], { uuid: "u1", file: "[ds] vm/2.vmdk" })).toBeUndefined();
  });

  test("takes an empty identity for none", () => {
    expect(
      found([disk("[ds] vm/a.vmdk", { uuid: "" })], { uuid: "", file: "[ds] vm/b.vmdk" }),
    ).toBeUndefined();
    const nameless = [disk("[ds] vm/a.vmdk", { uuid: "" }), disk("[ds] vm/b.vmdk", { uuid: "" })];
    expect(found(nameless, { uuid: "", file: "[ds] vm/b.vmdk" })).toBe(nameless[1]);
  });
});

describe("what a machine has recorded", () => {
  const disks = [disk("[ds] vm/1.vmdk", { uuid: "u1", unit: 1 }), disk("[ds] vm/2.vmdk", { unit: 2 })];
  const CAME_WITH_IT = {
    disk0: { origin: "source", uuid: "u1", file: "[ds] vm/1.vmdk" },
    disk1: { origin: "source", file: "[ds] vm/2.vmdk" },
  };

  test.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["no JSON", "{"],
    ["no object", "5"],
  ])("if it is %s, all its disks came with it", (_, record) => {
    expect(Object.fromEntries(diskLabels(machine(disks, record)))).toEqual(CAME_WITH_IT);
  });

  test("is read back entry by entry, without what no release has written", () => {
    const good = { origin: "made", slot: "scsi0:1", uuid: "u", file: "f", provisioning: "thin", keep: true };
    const record = {
      good,
      came: { origin: "source" },
      mine: { origin: "attached", file: 5, keep: "yes" },
      foreign: { origin: "found" },
      text: "made",
      nothing: null,
    };
    expect(Object.fromEntries(diskLabels(machine([], record)))).toEqual({
      good,
      came: { origin: "source" },
      mine: { origin: "attached" },
    });
  });

  test("gets the facts of disks that are there, and the file that a disk was made with stays its file", () => {
    const vm = machine(disks, {
      fresh: { origin: "made", slot: "scsi0:1", keep: true },
      known: { origin: "made", slot: "scsi0:2", file: "[ds] vm/2.vmdk" },
      gone: { origin: "made", slot: "scsi0:3" },
    });
    expect(Object.fromEntries(refreshed(vm, diskLabels(vm)))).toEqual({
      fresh: { origin: "made", keep: true, uuid: "u1", file: "[ds] vm/1.vmdk" },
      known: { origin: "made", file: "[ds] vm/2.vmdk" },
      gone: { origin: "made", slot: "scsi0:3" },
    });
  });

  test("says of an attached disk the file that was attached, and no other", () => {
    const vm = machine([disks[0] as VirtualDisk, disk("[ds] x.vmdk", { unit: 3 })], {
      one: { origin: "attached", uuid: "u1" },
      two: { origin: "attached", slot: "scsi0:3" },
    });
    expect(Object.fromEntries(refreshed(vm, diskLabels(vm)))).toEqual({
      one: { origin: "attached", uuid: "u1" },
      two: { origin: "attached", slot: "scsi0:3" },
    });
  });
});

test("a machine without any record has an empty text for it", () => {
  expect(NO_LABELS).toEqual({ [LABELS]: "" });
});

test.each([
  ["no record", undefined, undefined],
  ["no new disk", { data: { origin: "made", file: "[ds] vm/1.vmdk" } }, undefined],
  ["a new disk that the host does not list yet", { data: { origin: "made", slot: "scsi0:5" } }, undefined],
  [
    "a new disk that the host has named",
    { data: { origin: "made", slot: "scsi0:1" }, old: { origin: "made", file: "f" } },
    { data: { origin: "made", uuid: "u1", file: "[ds] vm/1.vmdk" }, old: { origin: "made", file: "f" } },
  ],
])("of a machine with %s as much is still to be written", (_, record, settled) => {
  const text = labelsToSettle(machine([disk("[ds] vm/1.vmdk", { uuid: "u1", unit: 1 })], record))?.[LABELS];
  expect(text && JSON.parse(text)).toEqual(settled);
});

test("files that have moved are recorded where they are now, and nothing is written if none has", () => {
  const record = {
    data: { origin: "made", file: "[a] vm/1.vmdk" },
    mine: { origin: "attached", file: "[b] x.vmdk" },
    fresh: { origin: "made", slot: "scsi0:1" },
  };
  const places = new Map([["[a] vm/1.vmdk", "[c] vm/1.vmdk"]]);
  const text = relocatedLabels(machine([], record), places)?.[LABELS];
  expect(text && JSON.parse(text)).toEqual({ ...record, data: { origin: "made", file: "[c] vm/1.vmdk" } });
  expect(relocatedLabels(machine([], record), new Map())).toBeUndefined();
  expect(relocatedLabels(machine([disk("[a] vm/1.vmdk")]), places)).toBeUndefined();
});

test("labels of drives that get another place are written with that place, and nothing else is touched", () => {
  const record = {
    data: { origin: "made", slot: "ide0:1" },
    other: { origin: "made", slot: "scsi0:1" },
    old: { origin: "made", file: "f" },
  };
  const options = [
    create("OptionValue", { key: "guestinfo.data", value: JSON.stringify(record) }),
    create("OptionValue", { key: LABELS, value: JSON.stringify(record) }),
    create("OptionValue", { key: LABELS, value: "{" }),
  ];
  const [foreign, labels, broken] = withPlaces(options, new Map([["ide0:1", "ide0:0"]]));
  expect([foreign, broken]).toEqual([options[0], options[2]]);
  expect(labels?.key).toBe(LABELS);
  expect(JSON.parse(String(labels?.value))).toEqual({ ...record, data: { origin: "made", slot: "ide0:0" } });
});

describe("with a machine", () => {
  const file = "[ds] vm/1.vmdk";
  const onDelete = (record: unknown, is: Is = { uuid: "u1", unit: 1 }) => {
    const { staying, going } = disksOnDelete(machine([disk(is.on ? "[ds] vm/1-1.vmdk" : file, is)], record));
    return { staying: staying.length, going: going.length };
  };
  const [stays, goes, neither] = [
    { staying: 1, going: 0 },
    { staying: 0, going: 1 },
    { staying: 0, going: 0 },
  ];

  test.each([
    ["an attached disk", { origin: "attached", file }, stays],
    ["one that is to be kept", { origin: "made", file, keep: true }, stays],
    ["one that it came with and that is to be kept", { origin: "source", file, keep: true }, stays],
    ["one that was made for it", { origin: "made", file }, goes],
    ["one that was made for it and not seen since", { origin: "made", slot: "scsi0:1" }, goes],
    [
      "another file with the identity of one that was made",
      { origin: "made", uuid: "u1", file: "[ds] x.vmdk" },
      neither,
    ],
    ["one that it came with", { origin: "source", file }, neither],
  ])("%s: %o", (_, entry, expected) => {
    expect(onDelete({ data: entry })).toEqual(expected);
  });

  test("that has recorded nothing nobody says which disks stay and which go", () => {
    expect(onDelete(undefined)).toEqual(neither);
  });

  test("a disk that was made goes below its snapshots, too", () => {
    expect(onDelete({ data: { origin: "made", file } }, { on: file })).toEqual(goes);
  });
});

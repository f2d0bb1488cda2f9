/**
 * Appliances such as vCenter describe the disks of all their deployment options: the machine gets those of its option,
 * and the others are neither sized, nor checked, nor sent.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { diskFile, type PackedFile } from "../../support/ova-builder.ts";
import { Lab } from "./lab.ts";
import {
  diskItem,
  diskSizesOf,
  emptyDisk,
  GIB_IN_KB,
  problemsOf,
  reference,
  SMALL_AND_LARGE,
  TINY_DISK_KB,
  withDisks,
} from "./ova-disks.ts";
import { previewed } from "./preview/previewed.ts";

const FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
const MORE_THAN_THE_DATASTORE_GIB = 2 ** 20;

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

/** A disk of the machine, if it is deployed with one of these options. */
const item = (unit: number, disk: string, options: string) =>
  diskItem(unit, disk, `ovf:configuration="${options}"`);

interface Appliance {
  /** Elements for the DiskSection. */
  readonly disks: string;
  readonly hardware: string;
  readonly properties?: string;
  readonly files?: readonly PackedFile[];
}

function appliance({ disks, hardware, properties = "", files }: Appliance) {
  return lab.ova({
    manifest: null,
    ...(files && { files }),
    envelopeSections: SMALL_AND_LARGE,
    sections: `<ProductSection><Info>i</Info>${properties}</ProductSection>`,
    hardware,
    tamper: withDisks(disks),
  });
}

const diskSizes = () => diskSizesOf(lab);
const problems = (settings: object) => problemsOf(lab, settings);

test.each([
  ["small", [TINY_DISK_KB, GIB_IN_KB]],
  ["large", [TINY_DISK_KB, 3 * GIB_IN_KB]],
])(
  "the option %s gets its own disks, each sized by a property that only this option has",
  async (deploymentOption, sizes) => {
    const ovaPath = await appliance({
      disks: emptyDisk("data-s", reference("size-s")) + emptyDisk("data-l", reference("size-l")),
      hardware: item(1, "data-s", "small") + item(2, "data-l", "large"),
      properties: `<Property ovf:key="size-s" ovf:type="int" ovf:value="1" ovf:configuration="small"/>
      <Property ovf:key="size-l" ovf:type="int" ovf:value="3" ovf:configuration="large"/>`,
    });
    expect(await problems({ ovaPath, deploymentOption })).toEqual([]);
    await lab.create({ ovaPath, deploymentOption, powerOn: false });
    expect(diskSizes()).toEqual(sizes);
  },
);

test("one description stands for as many disks as items name it", async () => {
  const ovaPath = await appliance({
    disks: emptyDisk("gib", "1"),
    hardware: item(1, "gib", "small large") + item(2, "gib", "small") + item(3, "gib", "large"),
  });
  await lab.create({ ovaPath, powerOn: false });
  expect(diskSizes()).toEqual([TINY_DISK_KB, GIB_IN_KB, GIB_IN_KB]);
});

test("a disk of another option may be larger than the datastore", async () => {
  const ovaPath = await appliance({
    disks: emptyDisk("data", String(MORE_THAN_THE_DATASTORE_GIB)),
    hardware: item(1, "data", "large"),
  });
  const preview = async (deploymentOption: string) => {
    const args = { name: "vm", ovaPath, deploymentOption, diskProvisioning: "thick" };
    return (await previewed(lab, { kind: "OvaDeployment", args })).failures;
  };
  expect(await preview("small")).toEqual([]);
  expect(await preview("large")).toEqual([
    expect.stringMatching(/^ovaPath: a disk of .* is larger than the datastore "datastore1"/),
  ]);
});

test("a file that only another option needs is neither checked nor sent", async () => {
  const ovaPath = await appliance({
    files: [diskFile(), { href: "large.vmdk", content: Buffer.from("no disk") }],
    disks: `<Disk ovf:diskId="data" ovf:fileRef="file2" ovf:capacity="1048576" ovf:format="${FORMAT}"/>`,
    hardware: item(1, "data", "large"),
  });
  expect(await problems({ ovaPath, deploymentOption: "large" })).toEqual([
    expect.stringMatching(/^ovaPath: .*: the disk large\.vmdk /),
  ]);
  expect(await problems({ ovaPath })).toEqual([]);
  await lab.create({ ovaPath, powerOn: false });
  expect(diskSizes()).toEqual([TINY_DISK_KB]);
});

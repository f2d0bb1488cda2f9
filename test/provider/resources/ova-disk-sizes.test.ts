/** The size of a disk may be a property: the machine gets the size that was asked for, or none is made. */
import { afterEach, beforeEach, expect, test } from "vitest";
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

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

interface Sized {
  /** What `ovf:capacity` of the data disk says. */
  readonly capacity?: string;
  /** Attributes and content of the property `size`. */
  readonly property?: string;
  readonly product?: string;
  readonly envelopeSections?: string;
}

/** An OVA with a second, empty disk, whose size in GiB is a property. */
function sizedOva({
  capacity = reference("size"),
  property = 'ovf:type="int"/>',
  product = "",
  envelopeSections = "",
}: Sized = {}) {
  return lab.ova({
    manifest: null,
    envelopeSections,
    sections: `<ProductSection ${product}><Info>i</Info>
      <Property ovf:key="size" ovf:userConfigurable="true" ${property}
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:userConfigurable="true"/>
    </ProductSection>`,
    hardware: diskItem(5, "data"),
    tamper: withDisks(emptyDisk("data", capacity)),
  });
}

const diskSizes = () => diskSizesOf(lab);
const problems = (settings: object) => problemsOf(lab, settings);

test("the disk has the size that the program gives", async () => {
  await lab.create({ ovaPath: await sizedOva(), properties: { size: "20" }, powerOn: false });
  expect(diskSizes()).toEqual([TINY_DISK_KB, 20 * GIB_IN_KB]);
});

test("without a value the disk has the descriptor's size", async () => {
  const ovaPath = await sizedOva({ property: 'ovf:type="int" ovf:value="2"/>' });
  await lab.create({ ovaPath, powerOn: false });
  expect(diskSizes()).toEqual([TINY_DISK_KB, 2 * GIB_IN_KB]);
});

test("the descriptor's size for the chosen deployment option counts", async () => {
  const property = 'ovf:type="int" ovf:value="2"><Value ovf:value="7" ovf:configuration="large"/></Property>';
  const ovaPath = await sizedOva({ property, envelopeSections: SMALL_AND_LARGE });
  await lab.create({ ovaPath, deploymentOption: "large", powerOn: false });
  expect(diskSizes()).toEqual([TINY_DISK_KB, 7 * GIB_IN_KB]);
});

test.each([reference("size"), reference("app.size.1")])(
  "a property with class and instance is found as %s",
  async (capacity) => {
    const ovaPath = await sizedOva({ capacity, product: 'ovf:class="app" ovf:instance="1"' });
    await lab.create({ ovaPath, properties: { "app.size.1": " 3 " }, powerOn: false });
    expect(diskSizes()).toEqual([TINY_DISK_KB, 3 * GIB_IN_KB]);
  },
);

test("of the other properties the host is told none", async () => {
  const properties = { size: "1", secret: "pr0perty-Secret" };
  await lab.create({ ovaPath: await sizedOva(), properties, powerOn: false });
  const call = lab.raw.simulator.requests.entries().find(({ method }) => method === "CreateImportSpec");
  expect(JSON.stringify(call)).not.toContain("secret");
});

test.each([
  ["int", "properties.size: the OVF needs a value for this property, and has no default that is valid"],
  ["string", "properties.size: the size of disk data is this property, so it needs a value"],
])("a size of type %s that nobody gives is refused at preview", async (type, reason) => {
  const ovaPath = await sizedOva({ property: `ovf:type="${type}"/>` });
  expect(await problems({ ovaPath })).toEqual([reason]);
  expect(await problems({ ovaPath, properties: { size: UNKNOWN } })).toEqual([]);
  expect(await problems({ ovaPath, properties: UNKNOWN })).toEqual([]);
  expect(lab.raw.count("CreateImportSpec")).toBe(0);
});

test.each(["0", "-1", "1.5", "large"])("%s is no size, and no message repeats it", async (size) => {
  const ovaPath = await sizedOva({ property: 'ovf:type="string"/>' });
  const said = await problems({ ovaPath, properties: { size } });
  expect(said).toEqual([
    "properties.size: the size of disk data is this property, so it must be a whole number above 0",
  ]);
});

test("a size that is a property which the OVF lacks is refused", async () => {
  expect(
    await problems({ ovaPath: await sizedOva({ capacity: reference("sise") }), properties: { size: "1" } }),
  ).toEqual([
    expect.stringMatching(/^properties\.sise: the size of disk data is \$\{sise\}, and the OVF has no such/),
  ]);
});

test("another size replaces the machine, another value of the rest does not", async () => {
  const ovaPath = await sizedOva();
  const vm = await lab.create({ ovaPath, properties: { size: "1", secret: "a" }, powerOn: false });
  const diff = (properties: object) => lab.diff(vm, { ovaPath, properties, powerOn: false });
  expect(await diff({ size: "1", secret: "b" })).toMatchObject({ changes: true, replaces: [] });
  expect(await diff({ size: "2", secret: "a" })).toMatchObject({ changes: true, replaces: ["properties"] });
  expect(await diff({ size: "1", secret: "a" })).toMatchObject({ changes: false });
});

const HARDWARE = [
  ["VirtualQuantity", "<rasd:VirtualQuantity>64<", `<rasd:VirtualQuantity>${reference("n")}<`],
  ["Connection", "<rasd:Connection>VM Network<", `<rasd:Connection>${reference("n")}<`],
  [
    "Reservation",
    "<rasd:ResourceType>3<",
    `<rasd:Reservation>${reference("n")}</rasd:Reservation><rasd:ResourceType>3<`,
  ],
] as const;

test.each(HARDWARE)("%s of the hardware cannot be a property, and is named", async (field, from, to) => {
  const ovaPath = await lab.ova({
    manifest: null,
    sections: `<ProductSection><Info>i</Info><Property ovf:key="n" ovf:type="int" ovf:value="1"/></ProductSection>`,
    tamper: (entries) => {
      entries.set("tiny.ovf", Buffer.from(String(entries.get("tiny.ovf")).replace(from, () => to)));
    },
  });
  // A network that is a reference is none that the OVF declares, which is told as well.
  const told = (await problems({ ovaPath })).filter((problem) => !problem.includes("does not declare"));
  expect(told).toEqual([
    expect.stringMatching(
      new RegExp(`^ovaPath: ${field} of the hardware item ".+" is \\$\\{n\\}: hosts accept`),
    ),
  ]);
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("words of the hardware may look like a property", async () => {
  const ovaPath = await lab.ova({
    manifest: null,
    tamper: (entries) => {
      const text = String(entries.get("tiny.ovf")).replace("64MB of memory", () => reference("memory"));
      entries.set("tiny.ovf", Buffer.from(text));
    },
  });
  expect(await problems({ ovaPath })).toEqual([]);
});

/** An OVA that another program has exported is refused at preview, with all that stands in the way. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const SATA = `<Item><rasd:Address>0</rasd:Address><rasd:ElementName>sataController0</rasd:ElementName>
  <rasd:InstanceID>50</rasd:InstanceID><rasd:ResourceSubType>AHCI</rasd:ResourceSubType>
  <rasd:ResourceType>20</rasd:ResourceType></Item>`;
const sound = (attributes = "") =>
  `<Item ${attributes}><rasd:ElementName>sound</rasd:ElementName><rasd:InstanceID>51</rasd:InstanceID>
  <rasd:ResourceSubType>ensoniq1371</rasd:ResourceSubType><rasd:ResourceType>35</rasd:ResourceType></Item>`;

/** @param family Of the virtual hardware; `null` for none. */
function ovaOf(family: string | null, hardware = ""): Promise<string> {
  return lab.ova({
    manifest: null,
    hardware,
    tamper: (entries) => {
      const type = family === null ? "" : `<vssd:VirtualSystemType>${family}</vssd:VirtualSystemType>`;
      const text = String(entries.get("tiny.ovf"));
      entries.set(
        "tiny.ovf",
        Buffer.from(text.replace("<vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>", type)),
      );
    },
  });
}

const problems = async (ovaPath: string) =>
  (await lab.check({ ovaPath })).failures.map(({ property, reason }) => `${property}: ${reason}`);

test("what VirtualBox exports is refused with everything that is to be mended, in one message", async () => {
  const said = await problems(await ovaOf("virtualbox-2.2", SATA + sound()));
  expect(said).toEqual([
    "ovaPath: the OVF is not made for ESXi: its hardware is of the family virtualbox-2.2, and a host accepts only " +
      'families that begin with vmx- (line 24); its storage controller "sataController0" is of the type AHCI, which a host does not ' +
      'know by that name (line 66); it needs the sound card "sound", which a host does not have (line 68). With relax: ' +
      "true all of this is changed for the host, as ovftool --lax does, and each change is reported",
  ]);
  expect(lab.raw.count()).toBe(0);
});

test.each(["virtualbox-2.2", "xen-3 hvm-64", "ibm:power"])(
  "a host takes no hardware of %s",
  async (family) => {
    const said = await problems(await ovaOf(family));
    expect(said).toEqual([
      expect.stringContaining(`of the family ${family.replace(" ", ", ")}, and a host accepts only`),
    ]);
  },
);

test("a sound card that is needed is refused for itself", async () => {
  const said = await problems(await ovaOf("vmx-13", sound()));
  expect(said).toEqual([
    expect.stringMatching(/not made for ESXi: it needs the sound card "sound".*With relax: true/),
  ]);
});

test.each([
  ["vmx-10 is among its families", "virtualbox-2.2 vmx-10", SATA],
  ["it leaves the family to the host", null, SATA],
  ["its sound card may be left out", "vmx-13", sound('ovf:required="false"')],
])("an OVA is made a machine of if %s", async (_, family, hardware) => {
  await lab.create({ ovaPath: await ovaOf(family, hardware), powerOn: false });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

test("what only the host knows is told as one sentence", async () => {
  const error = await failure(lab.create({ ovaPath: await ovaOf("vmx-99"), powerOn: false }));
  expect(error.message).toMatch(
    /Unsupported hardware family 'vmx-99'\. Nothing was created\. With relax: true this is changed for the host\.$/,
  );
  expect(error.message).not.toContain("..");
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("what the host warns of ends as a sentence does", async () => {
  await lab.create({ ovaPath: await ovaOf("vmx-13", sound('ovf:required="false"')), powerOn: false });
  expect(lab.texts("warn")).toEqual([expect.stringMatching(/device type '35'\.$/)]);
});

/** An OVA whose descriptor is that of the usual one, changed. */
const changed = (change: (text: string) => string | Buffer): Promise<string> =>
  lab.ova({
    manifest: null,
    tamper: (entries) =>
      void entries.set("tiny.ovf", Buffer.from(change(String(entries.get("tiny.ovf"))) as Buffer)),
  });

test("two disks of one file both get its content", async () => {
  const disk =
    '<Disk ovf:diskId="vmdisk2" ovf:fileRef="file1" ovf:capacity="1048576" ' +
    'ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>';
  const item = `<Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:ElementName>disk1</rasd:ElementName>
    <rasd:HostResource>ovf:/disk/vmdisk2</rasd:HostResource><rasd:InstanceID>60</rasd:InstanceID>
    <rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`;
  const ovaPath = await changed((text) =>
    text
      .replace("</DiskSection>", `${disk}</DiskSection>`)
      .replace("</VirtualHardwareSection>", `${item}</VirtualHardwareSection>`),
  );
  await lab.create({ ovaPath, powerOn: false });
  const flat = (await lab.raw.contents()).files.filter((file) => file.endsWith("-flat.vmdk"));
  const [one, two] = await Promise.all(flat.map((file) => readFile(lab.raw.simulator.localFile(file))));
  expect(two).toEqual(one);
  expect(one?.length).toBe(2 ** 20);
});

test("the host gets a descriptor in UTF-16 as UTF-8, and its notes whole", async () => {
  const ovaPath = await changed((text) => {
    const noted = text
      .replace("UTF-8", "utf-16")
      .replace(
        "<Name>",
        "<AnnotationSection><Info/><Annotation>für Übungen</Annotation></AnnotationSection><Name>",
      );
    return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(noted, "utf16le")]);
  });
  await lab.create({ ovaPath, powerOn: false });
  expect(lab.raw.vm("vm").config.annotation).toBe("für Übungen");
});

test("a disk with an empty parent and another format's name is made whole by relax", async () => {
  const ovaPath = await changed((text) =>
    text.replace(
      /ovf:format="[^"]*"/,
      'ovf:parentRef="" ovf:format="http://www.gnome.org/~markmc/qcow-image-format.html"',
    ),
  );
  expect(await problems(ovaPath)).toEqual([
    expect.stringContaining("has a parent without a name (ovf:parentRef) (line "),
  ]);
  await lab.create({ ovaPath, relax: true, powerOn: false });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

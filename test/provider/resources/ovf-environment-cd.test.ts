/** A guest that looks at a CD for its OVF properties finds them there from its first boot on. */
import { readFile, utimes, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { create } from "../../../provider/vim/codec/objects.ts";
import type { VirtualDevice } from "../../../schema/index.ts";
import { readIso } from "../../support/iso-reader.ts";
import { CloneLab } from "./clone-lab.ts";
import { killAt } from "./kill-at.ts";
import { failure, type Lab, type Managed } from "./lab.ts";

const SECTIONS = `<ProductSection ovf:class="net"><Info>i</Info>
  <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value="tiny"/>
  <Property ovf:key="password" ovf:type="string" ovf:userConfigurable="true" ovf:password="true" ovf:value=""/>
  <Property ovf:key="dhcp" ovf:type="boolean" ovf:userConfigurable="true" ovf:value="true"/>
</ProductSection>`;

/** A drive with nothing in it, on IDE. */
const EMPTY_DRIVE = `<Item><rasd:Address>0</rasd:Address><rasd:ElementName>IDE 0</rasd:ElementName>
  <rasd:InstanceID>50</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>
  <Item ovf:required="false"><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:AutomaticAllocation>false</rasd:AutomaticAllocation>
  <rasd:ElementName>CD/DVD Drive 1</rasd:ElementName><rasd:InstanceID>51</rasd:InstanceID><rasd:Parent>50</rasd:Parent>
  <rasd:ResourceSubType>vmware.cdrom.remotepassthrough</rasd:ResourceSubType><rasd:ResourceType>15</rasd:ResourceType></Item>`;

const [ISO_A, ISO_B] = ["a", "b"].map((one) => `[datastore1] vm/pulumi-esxi-direct-ovf-env-${one}.iso`);

let clones: CloneLab;
let lab: Lab;
let ovaPath: string;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
  lab = clones.lab;
  ovaPath = await lab.ova({ sections: SECTIONS, transport: "iso" }, "router.ova");
});

afterEach(() => lab.close());

const asked = (hostname = "r1") => ({
  ovaPath,
  ovfTransport: "iso",
  properties: { "net.hostname": hostname },
});

const drives = (name = "vm"): VirtualDevice[] =>
  (lab.raw.vm(name).config.hardware.device ?? []).filter(({ $type }) => $type === "VirtualCdrom");

/** What is in the machine's drives: a file, or the kind of what stands for none. */
const media = (name = "vm"): string[] =>
  drives(name).map(({ backing }) =>
    backing && "fileName" in backing ? String(backing.fileName) : String(backing?.$type),
  );

const isoFiles = async () => (await lab.raw.contents()).files.filter((file) => file.endsWith(".iso"));

/** The properties on the CD that the guest sees. */
async function onCd(name = "vm"): Promise<Record<string, string>> {
  const [iso] = media(name).filter((file) => file.includes("ovf-env"));
  const { labels, files } = readIso(await readFile(lab.raw.simulator.localFile(iso ?? "")));
  expect({ labels, names: Object.keys(files) }).toEqual({
    labels: ["OVF ENV", "OVF ENV"],
    names: ["ovf-env.xml"],
  });
  const document = files["ovf-env.xml"] ?? "";
  expect(document).toBe(lab.extraConfig(lab.raw.vm(name), "guestinfo.ovfEnv"));
  const properties = document.matchAll(/<Property oe:key="([^"]*)" oe:value="([^"]*)"\/>/g);
  return Object.fromEntries([...properties].map(([, key, value]) => [key, value]));
}

test("the environment is on a CD, in a drive of its own, before the first power-on, and goes with the machine", async () => {
  const vm = await lab.create(asked());
  expect(await onCd()).toEqual({ "net.hostname": "r1", "net.password": "", "net.dhcp": "True" });
  expect(media()).toEqual([ISO_A]);
  expect(drives()[0]?.connectable).toMatchObject({ startConnected: true });
  const requests = lab.raw.simulator.requests.entries();
  const power = requests.findIndex(({ method }) => method === "PowerOnVM_Task");
  expect(requests.findIndex(({ method }) => method === "folder")).toBeLessThan(power);
  expect(requests.findIndex(({ method }) => method === "ReconfigVM_Task")).toBeLessThan(power);
  expect(await lab.diff(vm, asked())).toMatchObject({ changes: false });
  const read = (await lab.read(vm)) as Managed;
  expect(await lab.diff(read, asked())).toMatchObject({ changes: false });
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("a preview warns no more that the guest may look at a CD only", async () => {
  await lab.check(asked());
  expect(lab.texts("warn")).toEqual([]);
  await lab.check({ ...asked(), ovfTransport: undefined });
  expect(lab.texts("warn")).toEqual([expect.stringContaining('ovfTransport: "iso"')]);
});

test("another transport is refused", async () => {
  const { failures } = await lab.check({ ...asked(), ovfTransport: "floppy" });
  expect(failures).toEqual([{ property: "ovfTransport", reason: expect.stringContaining("guestInfo") }]);
});

test("an OVF without properties has its document on the CD if that is asked for", async () => {
  await lab.create({ ovaPath: await lab.ova({}, "plain.ova"), ovfTransport: "iso", powerOn: false });
  expect(await onCd()).toEqual({});
});

test("an empty drive that the OVA brings takes the CD", async () => {
  ovaPath = await lab.ova({ sections: SECTIONS, transport: "iso", hardware: EMPTY_DRIVE }, "drive.ova");
  const vm = await lab.create(asked());
  expect(media()).toEqual([ISO_A]);
  await lab.delete(vm);
  expect((await lab.raw.contents()).files).toEqual([]);
});

test("drives that the program lists are beside it, and no difference", async () => {
  ovaPath = await lab.ova({ sections: SECTIONS, transport: "iso", hardware: EMPTY_DRIVE }, "drive.ova");
  const settings = { ...asked(), cdroms: [{}] };
  const vm = await lab.create(settings);
  expect(media()).toEqual(["VirtualCdromRemotePassthroughBackingInfo", ISO_A]);
  expect((await lab.read(vm))?.outs).toMatchObject({ ovfTransport: "iso", cdroms: [{}] });
  expect(vm.outs.cdroms).toEqual([{}]);
  expect(await lab.diff(vm, settings)).toMatchObject({ changes: false });
  const more = await lab.update(vm, { ...settings, cdroms: [{}, {}] });
  expect(media().sort()).toEqual(
    [ISO_A, ...Array(2).fill("VirtualCdromRemotePassthroughBackingInfo")].sort(),
  );
  expect(more.outs.cdroms).toEqual([{}, {}]);
  const without = await lab.update(more, { ...settings, ovfTransport: "guestInfo", cdroms: [{}] });
  expect(media()).toEqual(["VirtualCdromRemotePassthroughBackingInfo"]);
  expect(await isoFiles()).toEqual([]);
  expect((await lab.read(without))?.outs).toMatchObject({ ovfTransport: "guestInfo", cdroms: [{}] });
});

test("changed properties are on another CD, in the same drive, while the machine runs, and the old one is gone", async () => {
  const vm = await lab.create(asked());
  const offs = lab.raw.count("PowerOffVM_Task") + lab.raw.count("ShutdownGuest");
  const changed = await lab.update(vm, asked("r2"));
  expect((await onCd())["net.hostname"]).toBe("r2");
  expect({ media: media(), files: await isoFiles() }).toEqual({ media: [ISO_B], files: [ISO_B] });
  await lab.update(changed, asked("r3"));
  expect((await onCd())["net.hostname"]).toBe("r3");
  expect({ media: media(), files: await isoFiles() }).toEqual({ media: [ISO_A], files: [ISO_A] });
  expect(lab.raw.count("PowerOffVM_Task") + lab.raw.count("ShutdownGuest")).toBe(offs);
});

test("an update of something else writes no CD", async () => {
  const vm = await lab.create(asked());
  const uploads = lab.raw.count("folder");
  await lab.update(vm, { ...asked(), annotation: "new" });
  expect(lab.raw.count("folder")).toBe(uploads);
  expect(await isoFiles()).toEqual([ISO_A]);
});

test("a machine that has none gets it with one power cycle, and gives it back", async () => {
  const plain = await lab.create({ ...asked(), ovfTransport: undefined });
  expect(media()).toEqual([]);
  expect(await lab.diff(plain, asked())).toMatchObject({ changes: true, replaces: [] });
  expect(lab.texts("info").at(-1)).toBe("update with one power cycle: ovfTransport unset → iso");
  const on = await lab.update(plain, asked());
  expect((await onCd())["net.hostname"]).toBe("r1");
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  expect(await lab.diff(on, { ...asked(), ovfTransport: undefined })).toMatchObject({ changes: true });
  const off = await lab.update(on, { ...asked(), ovfTransport: undefined });
  expect({ media: media(), files: await isoFiles() }).toEqual({
    media: ["VirtualCdromRemotePassthroughBackingInfo"],
    files: [],
  });
  expect(await lab.diff(off, { ...asked(), ovfTransport: undefined })).toMatchObject({ changes: false });
  const again = await lab.update(off, asked());
  expect(media()).toEqual([ISO_A]);
  await lab.delete(again);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

const DRIFTS: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    "takes the CD out",
    () =>
      changeDrive({
        connectable: { startConnected: false, connected: false, allowGuestControl: true },
        backing: create("VirtualCdromRemotePassthroughBackingInfo", { deviceName: "", exclusive: false }),
      }),
  ],
  [
    "disconnects the drive",
    () => changeDrive({ connectable: { startConnected: false, connected: false, allowGuestControl: true } }),
  ],
  [
    "writes something else into the image",
    () => writeFile(lab.raw.simulator.localFile(ISO_A ?? ""), "something else"),
  ],
  ["touches the image", () => utimes(lab.raw.simulator.localFile(ISO_A ?? ""), 1, 1)],
];

function changeDrive(change: Partial<VirtualDevice>): Promise<void> {
  const [drive] = drives();
  const spec = create("VirtualDeviceConfigSpec", {
    operation: "edit",
    device: { ...drive, ...change } as VirtualDevice,
  });
  return lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { deviceChange: [spec] });
}

test.each(DRIFTS)("somebody who %s is seen by a refresh, and set right", async (_, drift) => {
  const vm = await lab.create(asked());
  await drift();
  const read = (await lab.read(vm)) as Managed;
  expect(read.outs.ovfTransport).toBe("guestInfo");
  expect(await lab.diff(read, asked())).toMatchObject({ changes: true, replaces: [] });
  const right = await lab.update(read, asked());
  expect((await onCd())["net.hostname"]).toBe("r1");
  expect(media().filter((file) => file.includes("ovf-env"))).toHaveLength(1);
  expect((await isoFiles()).length).toBe(1);
  expect((await lab.read(right))?.outs).toMatchObject({ ovfTransport: "iso" });
});

test("an image that another machine's drive has keeps its machine from going, and from another CD", async () => {
  const vm = await lab.create(asked());
  const other = await lab.create({ name: "other", cdroms: [{ iso: ISO_A }], powerOn: false });
  lab.host.vms.forget();
  expect((await failure(lab.delete(vm))).message).toMatch(
    /"other" uses \[datastore1\] vm\/pulumi-esxi-direct-ovf-env-a\.iso/,
  );
  expect((await failure(lab.update(vm, asked("r2")))).message).toContain('"other" uses');
  expect({ media: media(), files: await isoFiles() }).toEqual({ media: [ISO_A], files: [ISO_A] });
  await lab.delete(other);
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test.each([
  ["linked", { mode: "linked" }],
  ["full", { mode: "full" }],
  ["full, over SSH,", { mode: "full", transport: "ssh" }],
])("a %s clone has an empty drive: what its source's guest was told is not for it", async (_, settings) => {
  const golden = await lab.create({ ...asked(), name: "golden", powerOn: false });
  const clone = await clones.create("student", { ...settings, powerOn: false });
  expect(media("student")).toHaveLength(1);
  expect(media("student")[0]).toMatch(/Remote/);
  expect(lab.extraConfig(lab.raw.vm("student"), "guestinfo.ovfEnv")).toBeUndefined();
  await clones.delete(clone);
  await lab.delete(golden);
  expect((await lab.raw.contents()).vms).toEqual([]);
});

test("a failed upload is told, and the next run goes on; nothing of the machine is left in the end", async () => {
  lab.raw.simulator.faults.add({ method: "folder", action: { status: 500 } });
  const inputs = await lab.inputs(asked());
  const error = await failure(lab.create(asked()));
  expect(error.message).toContain("ovf-env.xml to esxi1");
  lab.raw.simulator.faults.clear();
  const { moid, instanceUuid } = lab.raw.vm("vm");
  const half = { id: instanceUuid, outs: { ...inputs, moid, __phase: "unfinished" }, inputs };
  expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
  const vm = await lab.update(half, asked());
  expect((await onCd())["net.hostname"]).toBe("r1");
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("an upload that the host is too busy for is made again", async () => {
  lab.raw.simulator.faults.add({ method: "folder", count: 1, action: { status: 503 } });
  await lab.create(asked());
  expect((await onCd())["net.hostname"]).toBe("r1");
  expect(lab.texts("warn").join()).toContain("Sending it again (2 of 3)");
});

test("no status or message has a property's value, nor has the image's name or what is remembered of it", async () => {
  const secret = "pr0perty-Secret";
  const vm = await lab.create({ ...asked(), properties: { "net.password": secret } });
  expect((await onCd())["net.password"]).toBe(secret);
  expect(JSON.stringify(lab.said)).not.toContain(secret);
  const { properties: _, ...outs } = vm.outs;
  expect(JSON.stringify(outs)).not.toContain(secret);
  expect(String(lab.extraConfig(lab.raw.vm("vm"), "pulumi-esxi-direct.ovf-environment"))).not.toContain(
    secret,
  );
});

describe("a process that is killed", () => {
  const settings = (hostname = "r1") => ({ ...asked(hostname), powerOn: false });
  const isChange = (method: string) => /^(ReconfigVM|DeleteDatastoreFile)_Task$/.test(method);

  /** Does a work that is killed at a change, and leaves the connection to a new process. */
  async function killed(
    change: number,
    moment: "before" | "after",
    work: (doomed: ReturnType<Lab["context"]>) => Promise<unknown>,
  ): Promise<string | undefined> {
    const doomed = lab.connect();
    const { call } = doomed.client;
    const kill = killAt(doomed, change, moment, isChange);
    const what = await Promise.race([kill, work(lab.context(undefined, doomed)).then(() => undefined)]);
    lab.restartAfterKill();
    doomed.client.call = call;
    return what;
  }

  test.each([
    ["before the drive gets the CD", 1, "before"],
    ["after the drive got the CD", 1, "after"],
    ["before the machine is said to be done", 2, "before"],
  ] as const)("%s leaves nothing that the next run does not set right", async (_, change, moment) => {
    expect(await killed(change, moment, (context) => lab.create(settings(), context))).toBe(
      "ReconfigVM_Task",
    );
    const vm = await lab.create(settings());
    expect((await onCd())["net.hostname"]).toBe("r1");
    expect(await isoFiles()).toEqual([ISO_A]);
    await lab.delete(vm);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  });

  test.each([
    ["before any change of an update", "before", "update"],
    ["after any change of an update", "after", "update"],
    ["before any change of an update to a machine that is deleted next", "before", "delete"],
    ["after any change of an update to a machine that is deleted next", "after", "delete"],
  ] as const)(
    "%s leaves nothing either",
    async (_, moment, next) => {
      const seen: (string | undefined)[] = [];
      for (let change = 1; ; change++) {
        const vm = await lab.create({ ...settings(), ...(change === 1 && { ovfTransport: undefined }) });
        const what = await killed(change === 1 ? 2 : change - 1, moment, (context) =>
          lab.update(vm, settings("r2"), context),
        );
        if (what !== undefined && next === "update") {
          const changed = await lab.update(vm, settings("r2"));
          expect((await onCd())["net.hostname"], what).toBe("r2");
          expect(await isoFiles(), what).toHaveLength(1);
          await lab.delete(changed);
        } else await lab.delete(vm);
        expect(await lab.raw.contents(), what).toMatchObject({ vms: [], files: [] });
        if (what === undefined) break;
        seen.push(what);
      }
      expect(seen).toEqual(["ReconfigVM_Task", "ReconfigVM_Task", "DeleteDatastoreFile_Task"]);
    },
    60_000,
  );
});

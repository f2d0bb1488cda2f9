/** Sources of every kind: those that cannot be cloned, and those that a simple copier trips over. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { digestOf } from "../../../support/collect.ts";
import { CloneLab } from "../clone-lab.ts";
import { failure } from "../lab.ts";
import { editFiles } from "../raw-vmx.ts";
import { ResourceLab } from "../resource-lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({
    ssh: { listen: "127.0.0.1:0" },
    datastores: ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 1024 ** 4 })),
  });
});

afterEach(async () => {
  await clones.lab.close();
});

const golden = (settings: Properties = {}) => clones.golden({ datastore: "datastore1", ...settings });
const add =
  (...lines: readonly string[]) =>
  (text: string) =>
    `${text.trimEnd()}\n${lines.join("\n")}\n`;

const madeAs = (createType: string) => (text: string) =>
  text.replace(/createType="\w+"/, `createType="${createType}"`);

const WAYS = [
  ["a full clone by the API", { mode: "full", transport: "api" }],
  ["a full clone over SSH", { mode: "full", transport: "ssh" }],
  ["a linked clone", { mode: "linked" }],
  ["a linked clone over SSH", { mode: "linked", transport: "ssh" }],
] as const;
const FULL = WAYS.slice(0, 2);

describe.each(WAYS)("%s", (_, way) => {
  test.each([
    ["is encrypted", "encrypted", { vmx: add('encryption.keySafe = "vmware:key/list/(pair)"') }],
    ["has a virtual TPM", "virtual TPM", { vmx: add('vtpm.present = "TRUE"') }],
    [
      "has a raw device in physical mode",
      "raw device",
      {
        disk: madeAs("vmfsPassthroughRawDeviceMap"),
      },
    ],
    ["has a disk of Workstation", "format .*desktop products", { disk: madeAs("monolithicSparse") }],
    ["has a disk in many files", "format .*desktop products", { disk: madeAs("twoGbMaxExtentSparse") }],
    ["shares a bus with others", "shares the bus", { vmx: add('scsi0.sharedBus = "virtual"') }],
    ["shares a disk with others", "multi-writer", { vmx: add('scsi0:0.sharing = "multi-writer"') }],
  ] as const)("of a source that %s is refused before anything is written", async (_what, reason, edit) => {
    await golden();
    await editFiles(clones.lab.raw, "golden", edit);
    await clones.lab.restart();
    const before = await clones.lab.raw.contents();
    const error = await failure(clones.create("student", way));
    expect(error.message).toMatch(new RegExp(`"golden" cannot be cloned: .*${reason}.*Nothing was created`));
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });

  test("boots in the order of its source, and has its video card", async () => {
    await golden({ bootOrder: ["ethernet", "disk"], videoMemory: 16 });
    await clones.create("student", way);
    const [source, clone] = [clones.lab.raw.vm("golden"), clones.lab.raw.vm("student")];
    expect(source.config.bootOptions?.bootOrder).toHaveLength(2);
    expect(clone.config.bootOptions?.bootOrder).toEqual(source.config.bootOptions?.bootOrder);
    const card = ({ config }: typeof source) =>
      config.hardware.device?.find(({ $type }) => $type === "VirtualMachineVideoCard");
    expect(card(source)).toMatchObject({ videoRamSizeInKB: 16_384 });
    expect(card(clone)).toEqual(card(source));
  });

  test("of a source whose .vmx has odd quoting has what stands there", async () => {
    await golden();
    const odd = 'a "quoted" | 100% # Prüfung';
    await editFiles(clones.lab.raw, "golden", {
      vmx: (text) =>
        add(
          "# a comment",
          "",
          'custom.odd =   "a |22quoted|22 |7C 100% # Prüfung"   ',
          "custom.bare = word",
          'Custom.Case="TRUE"',
        )(text).replaceAll("\n", "\r\n"),
    });
    await clones.lab.restart();
    const clone = await clones.create("student", way);
    expect(clone.outs).toMatchObject({ powerState: "poweredOn" });
    const extra = new Map(
      clones.lab.raw.vm("student").config.extraConfig?.map(({ key, value }) => [key.toLowerCase(), value]),
    );
    expect([extra.get("custom.odd"), extra.get("custom.bare"), extra.get("custom.case")]).toEqual([
      odd,
      "word",
      "TRUE",
    ]);
  });

  test("of a source with snapshots reads as the source does now, and leaves the snapshots alone", async () => {
    const source = await golden();
    await snapshot(clones.lab.host, source.outs.moid);
    await writeToDisk(source.outs.moid);
    const before = await clones.lab.raw.contents();
    const disk = await clones.lab.raw.rawDisk("golden");
    const clone = await clones.create("student", way);
    expect(await clones.lab.raw.rawDisk("student")).toBe(disk);
    await clones.delete(clone);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
    expect(await clones.lab.raw.rawDisk("golden")).toBe(disk);
  });

  test("works with names that a shell, a path or the API would trip over", async () => {
    const source = await golden({ name: 'it\'s $(id) "x" 100% Prüfung' });
    for (const name of ["a'b", '$(touch x) "y"', "50% [z]", "a/b\\c", "Übung ".padEnd(80, "x")]) {
      const clone = await clones.create(name, { ...way, source: source.outs.name });
      expect(clone.outs).toMatchObject({ name, powerState: "poweredOn" });
      await clones.delete(clone);
    }
    expect((await clones.lab.raw.contents()).vms).toHaveLength(1);
  });
});

test("linked clones are deleted in any order, also after their source, with their delta files", async () => {
  const source = await golden();
  const names = ["a", "b", "c"];
  const [a, b, c] = await Promise.all(names.map((name) => clones.create(name, { mode: "linked" })));
  if (!a || !b || !c) throw new Error("There are three.");
  for (const clone of [a, b, c]) await writeToDisk(clone.outs.moid);
  await clones.delete(b);
  expect((await clones.lab.raw.contents()).files.filter((file) => file.includes("] b/"))).toEqual([]);
  await clones.delete(a);
  expect((await clones.lab.raw.contents()).files.filter((file) => /\] [ab]\//.test(file))).toEqual([]);
  await clones.lab.raw.simulator.behindBack.destroy(String(source.outs.moid));
  await clones.delete(c);
  const { vms, files } = await clones.lab.raw.contents();
  expect({ vms, files }).toEqual({ vms: [], files: [] });
});

describe.each(FULL)("%s", (_, way) => {
  test("of a source with disks of the same name on two datastores has both, and goes without a trace", async () => {
    await twoDisks();
    const before = await clones.lab.raw.contents();
    const bytes = await disksOf("golden");
    expect(new Set(bytes).size).toBe(2);
    const clone = await clones.create("student", way);
    expect(await disksOf("student")).toEqual(bytes);
    const folder = String(clone.outs.vmxPath).replace(/[^/]+$/, "");
    expect(clones.lab.raw.diskPaths("student").every((path) => path.startsWith(folder))).toBe(true);
    await clones.delete(clone);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
});

describe.each(FULL)("%s of a running source", (_, way) => {
  test.each(["independent_persistent", "independent_nonpersistent"])(
    "with an %s disk is refused before a snapshot is taken or a disk copied",
    async (mode) => {
      const machines = ResourceLab.in(clones.lab, scratchVm, "ScratchVm");
      const data = { label: "data", size: 0.01, mode };
      const disks = [{ label: "system", size: 0.01 }, data];
      await machines.create("running", { datastore: "datastore1", guestId: "otherLinux64Guest", disks });
      const before = await clones.lab.raw.contents();
      clones.lab.said.length = 0;
      const wish = { ...way, source: "running", poweredOnSource: "snapshot" };
      const error = await failure(clones.create("student", wish));
      expect(error.message).toMatch(
        new RegExp(`its disk .*running_1\\.vmdk.* is ${mode}: a snapshot leaves it out.*Nothing was created`),
      );
      expect(clones.lab.texts("status").join()).not.toMatch(/snapshot|copying/);
      const { vms, files } = await clones.lab.raw.contents();
      expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
    },
  );
});

test("a linked clone of a source with disks on two datastores is refused before anything is written", async () => {
  await twoDisks();
  const before = await clones.lab.raw.contents();
  const error = await failure(clones.create("student", { mode: "linked" }));
  expect(error.message).toMatch(/all its disks on one datastore.*mode: "full".*Nothing was created/);
  const { vms, files } = await clones.lab.raw.contents();
  expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
});

async function snapshot(host: EsxiHost, moid: unknown): Promise<void> {
  const vm = { type: "VirtualMachine", value: String(moid) };
  const params = { name: "before the exam", memory: false, quiesce: false };
  await host.task(() => host.client.call(vm, "CreateSnapshot_Task", params), {
    signal: new AbortController().signal,
  });
}

/** What the guest writes in a short run. */
async function writeToDisk(moid: unknown): Promise<void> {
  const { simulator } = clones.lab.raw;
  if (simulator.vms().find((vm) => vm.moid === moid)?.powerState !== "poweredOn")
    await simulator.behindBack.powerOn(String(moid));
  await simulator.writeAsGuest(String(moid), {
    offsetBytes: 4096,
    data: Buffer.from("written after the snapshot"),
  });
  await simulator.behindBack.powerOff(String(moid));
}

/** A source whose second disk is called as its first, elsewhere, and differs from it. */
async function twoDisks(): Promise<void> {
  const source = await golden();
  await clones.create("other", { datastore: "datastore2", folder: "golden", powerOn: false });
  const [first = ""] = clones.lab.raw.diskPaths("golden");
  const [second = ""] = clones.lab.raw.diskPaths("other");
  expect(second.replace(/^.*\//, "")).toBe(first.replace(/^.*\//, ""));
  await writeToDisk(clones.lab.raw.vm("other").moid);
  await clones.lab.raw.simulator.behindBack.unregister(clones.lab.raw.vm("other").moid);
  const { signal } = new AbortController();
  const vm = { type: "VirtualMachine", value: String(source.outs.moid) };
  const { device = [] } = clones.lab.raw.vm("golden").config.hardware;
  const disk = device.find((each) => each.key >= 2000 && each.key < 3000);
  const backing = create("VirtualDiskFlatVer2BackingInfo", { fileName: second, diskMode: "persistent" });
  const added = create("VirtualDisk", {
    key: -1,
    controllerKey: disk?.controllerKey,
    unitNumber: 1,
    backing,
    capacityInKB: 0,
  });
  const deviceChange = [create("VirtualDeviceConfigSpec", { operation: "add", device: added })];
  await clones.lab.host.task(
    () => clones.lab.host.client.call(vm, "ReconfigVM_Task", { spec: { deviceChange } }),
    { signal },
  );
  // What was read of it before serves clones that begin within a moment.
  await clones.lab.restart();
}

async function disksOf(name: string): Promise<string[]> {
  const paths = clones.lab.raw.diskPaths(name);
  return Promise.all(
    paths.map(async (path) => (await digestOf(clones.lab.raw.simulator.readDisk(path))).sha256),
  );
}

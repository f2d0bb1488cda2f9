/** A machine that is changed in its .vmx file: what its record says meanwhile, and what becomes of files of disks. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { spelled } from "../../../../../provider/host/file-use/file-names.ts";
import { takeGiven } from "../../../../../provider/host/file-use/given-files.ts";
import { shellOf } from "../../../../../provider/host/shell/host-shell.ts";
import {
  deleteIfThere,
  editVmx,
  isUnsettled,
  reconfigureByVmx,
} from "../../../../../provider/host/shell/vm/reconfigure-vmx.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import { EsxiShell } from "../../../../../provider/ssh/commands/esxi-shell.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { parseVmx } from "../../../../../provider/vmx/vmx.ts";
import type { FaultRule } from "../../../../../simulator/index.ts";
import { failure, type Lab } from "../../../resources/lab.ts";
import type { Stranger } from "../../../resources/stranger.ts";
import { SshFiles } from "../../ssh-files.ts";
import { openShellLab } from "../shell-lab.ts";
import { withoutPatience } from "./patience.ts";

const { signal } = new AbortController();
const MIB = 1 / 1024;
const LABELS = "pulumi-esxi-direct.labels";
const RECORD = "pulumi-esxi-direct.disks";
const VMX = "[datastore1] vm/vm.vmx";

let lab: Lab;
let stranger: Stranger;
let before: readonly string[];

beforeAll(async () => {
  ({ lab, stranger } = await openShellLab());
  await stranger.vm("theirs");
});

afterAll(() => lab.close());

beforeEach(async () => {
  withoutPatience();
  before = await files();
  await stranger.vm("vm");
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  vi.restoreAllMocks();
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { name, moid } of simulator.vms())
    if (name !== "theirs") await simulator.behindBack.destroy(moid);
  for (const file of await files())
    if (!before.includes(file)) await rm(simulator.localFile(file), { recursive: true, force: true });
});

const files = async () => (await lab.raw.contents()).files;
/** Disks on the host that were not there before, but for the one that the machine came with. */
const newDisks = async () =>
  (await files()).filter(
    (file) => /(?<!-flat)\.vmdk$/.test(file) && ![...before, "[datastore1] vm/vm.vmdk"].includes(file),
  );
const vmxOf = async () => parseVmx(await readFile(lab.raw.simulator.localFile(VMX)));
const fails = (rule: Omit<FaultRule, "method">) =>
  lab.raw.simulator.faults.add({ method: "ssh.exec", ...rule });
/** Commands of the shell that name this. */
const commands = (pattern: RegExp) =>
  lab.raw.simulator.requests
    .entries()
    .flatMap(({ method, target }) => (method === "ssh.exec" && pattern.test(target) ? [target] : []));
const setting = (key: string) => String(lab.extraConfig(lab.raw.vm("vm"), key) ?? "");

async function seen(name = "vm"): Promise<ObservedVm> {
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (vm === undefined) throw new Error(`The host has no machine ${name}.`);
  return vm;
}

const open = () => shellOf(lab.host).open();

async function change(wishes: VmWishes, vm?: ObservedVm): Promise<void> {
  await reconfigureByVmx(lab.host, await open(), vm ?? (await seen()), wishes, signal);
}

/** Writes advanced settings, behind the back of everybody. */
async function set(settings: Readonly<Record<string, string>>): Promise<void> {
  const extraConfig = Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { extraConfig });
}

async function put(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(lab.raw.simulator.localFile(path.replace(/\/[^/]*$/, "")), { recursive: true });
    await writeFile(lab.raw.simulator.localFile(path), "bytes");
  }
}

const system = { label: "disk0" };
const data = { label: "data", size: MIB };

describe("a change", () => {
  test.each([0, 10])(
    "of which the connection lets %i bytes through is written again, and nothing of it stays",
    async (atByte) => {
      const bytes = () => readFile(lab.raw.simulator.localFile(VMX));
      const was = await bytes();
      fails({ entity: "vm.vmx-draft", action: "disconnect", atByte });
      await failure(change({ memory: 128 }));
      await vi.waitFor(async () =>
        expect((await files()).filter((file) => file.includes("draft"))).toEqual([]),
      );
      expect(await bytes()).toEqual(was);
      lab.raw.simulator.faults.clear();
      fails({ entity: "vm.vmx-draft", count: 1, action: "disconnect", atByte });
      await change({ memory: 128 });
      expect((await vmxOf()).get("memSize")).toBe("128");
    },
  );

  test("is read by the host also if nobody is there any more for the answer", async () => {
    fails({ entity: "vm.vmx-draft", action: "loseReply" });
    await failure(change({ memory: 128 }));
    expect(lab.raw.vm("vm").config.hardware.memoryMB).toBe(128);
  });

  test("that was written and not read is read by a command of its own, and one that was not written fails", async () => {
    fails({ entity: "vm.vmx-draft", count: 1, action: { status: 1, stdout: "not written\n" } });
    expect((await failure(change({ memory: 128 }))).message).toContain("not written");
    const shell = await open();
    // Also where the run is told to stop meanwhile.
    for (const [size, stop] of [
      ["128", false],
      ["192", true],
    ] as const) {
      const run = new AbortController();
      const write = vi.spyOn(shell, "writeAndReload").mockImplementationOnce(async (path, content) => {
        await shell.writeFile(path, content, signal);
        if (stop) run.abort(new Error("^C"));
        return false;
      });
      await editVmx(lab.host, shell, await seen(), (vmx) => vmx.set("memSize", size), run.signal);
      expect(write).toHaveBeenCalled();
      expect(String(lab.raw.vm("vm").config.hardware.memoryMB)).toBe(size);
    }
  });

  test("whose run is told to stop while the file is written ends the writing, and leaves no draft", async () => {
    const stop = new AbortController();
    fails({
      entity: "vm.vmx-draft",
      count: 1,
      action: "continue",
      onWork: (moment) => (moment === "before" ? stop.abort(new Error("^C")) : undefined),
    });
    const edit = async () =>
      editVmx(lab.host, await open(), await seen(), (vmx) => vmx.set("memSize", "128"), stop.signal);
    await edit();
    expect((await vmxOf()).get("memSize")).toBe("128");
    expect((await files()).filter((file) => file.includes("draft"))).toEqual([]);
    lab.raw.simulator.requests.clear();
    expect((await failure(edit())).message).toBe("^C");
    expect(commands(/draft/)).toEqual([]);
  });

  test("of what needs no disk rewrites the file once, and lists no disk in it", async () => {
    await change({ memory: 128 });
    expect((await vmxOf()).get("memSize")).toBe("128");
    expect(commands(/mv -f/)).toHaveLength(1);
    // No name is looked for.
    expect(commands(/'ls'|'test'/)).toEqual([]);
    expect((await vmxOf()).get(RECORD)).toBeUndefined();
    expect(lab.raw.vm("vm").config.hardware.memoryMB).toBe(128);
  });

  test("of nothing runs no command", async () => {
    await change({ memory: 64, disks: [system] });
    expect(commands(/./)).toEqual([]);
  });

  test("is planned for the machine as it is now, not as it was seen", async () => {
    const early = await seen();
    await change({ memory: 128 });
    lab.raw.simulator.requests.clear();
    await change({ memory: 128 }, early);
    expect(commands(/./)).toEqual([]);
  });

  test("of a machine whose file has gone is told", async () => {
    const vm = await seen();
    await rm(lab.raw.simulator.localFile(VMX));
    expect((await failure(change({ memory: 128 }, vm))).message).toContain(
      `esxi1: there is no ${VMX} any more, so "vm" was left as it is.`,
    );
    const edited = editVmx(lab.host, await open(), vm, () => {}, signal);
    expect((await failure(edited)).message).toContain(
      `esxi1: there is no ${VMX} any more, so "vm" was left as it is.`,
    );
  });

  test("that the host does not show is told, with what is missing", async () => {
    // A host that says it has read the file, and has not.
    vi.spyOn(EsxiShell.prototype, "writeAndReload").mockImplementation(async function (
      this: EsxiShell,
      path,
      content,
    ) {
      await this.writeFile(path, content, signal);
      return true;
    });
    const late = await failure(change({ memory: 128, numCpus: 2, bootOrder: ["disk"] }));
    expect(late.message).toMatch(
      /^esxi1: numCpus, memory of "vm" was changed over SSH, in .*vm\.vmx, and the host does not/,
    );
    vi.spyOn(lab.host.vms, "byReference")
      .mockResolvedValueOnce(await seen())
      .mockResolvedValue(undefined);
    expect((await failure(change({ memory: 256 }))).message).toMatch(
      /^esxi1: the machine of "vm" was changed/,
    );
  });

  test("of the boot order alone is not waited for, because the host does not show it at once", async () => {
    await change({ bootOrder: ["disk"] });
    expect((await vmxOf()).get("bios.bootOrder")).toBe("hdd");
  });
});

describe("a new disk", () => {
  test("gets the first name that no file has, on each datastore by itself, and is listed while it is made", async () => {
    // The extent of a disk that somebody has half deleted.
    await put("[datastore1] vm/vm_1-flat.vmdk", "[ssd] vm/vm.vmdk");
    const listed: (string | undefined)[] = [];
    fails({
      entity: "'vmkfstools' '-c'",
      action: "continue",
      onWork: async (moment) => void (moment === "before" && listed.push((await vmxOf()).get(RECORD))),
    });
    const far = (label: string) => ({ label, size: MIB, datastore: "ssd" });
    await change({ disks: [system, data, far("far"), far("farther"), { label: "more", size: MIB }] });
    expect(lab.raw.diskPaths("vm")).toEqual([
      "[datastore1] vm/vm.vmdk",
      "[datastore1] vm/vm_2.vmdk",
      "[ssd] vm/vm_1.vmdk",
      "[ssd] vm/vm_2.vmdk",
      "[datastore1] vm/vm_3.vmdk",
    ]);
    expect(new Set(listed)).toHaveLength(1);
    expect(listed).toHaveLength(4);
    for (const file of lab.raw.diskPaths("vm").slice(1)) expect(listed[0]).toContain(file);
    expect([setting(RECORD), isUnsettled(await seen())]).toEqual(["", false]);
    expect(Object.keys(JSON.parse(setting(LABELS)))).toEqual(["disk0", "data", "far", "farther", "more"]);
  });

  test("gets its folder on a datastore that has none for the machine yet", async () => {
    await change({ disks: [system, { ...data, datastore: "ssd" }] });
    expect(lab.raw.diskPaths("vm")).toEqual(["[datastore1] vm/vm.vmdk", "[ssd] vm/vm.vmdk"]);
  });

  test("that exists is remembered as given before the host is told, and after", async () => {
    const given = "[datastore1] data/given.vmdk";
    await mkdir(lab.raw.simulator.localFile("[datastore1] data"));
    await stranger.copyDisk("[datastore1] theirs/theirs.vmdk", given);
    const isGiven = () => takeGiven(lab.host, (file) => file === spelled(given));
    const known: boolean[] = [];
    fails({
      entity: "'vmsvc/reload'",
      action: "continue",
      onWork: (moment) => void (moment === "before" && known.push(isGiven())),
    });
    await change({ disks: [system, { label: "given", attach: given }] });
    expect([...known, isGiven()]).toEqual([true, true]);
    expect(lab.raw.diskPaths("vm")).toEqual(["[datastore1] vm/vm.vmdk", given]);
    // It was not made for the machine: nothing is listed, and it stays when the machine gives it back.
    expect((await vmxOf()).get(RECORD)).toBeUndefined();
    await change({ disks: [system] });
    expect(lab.raw.diskPaths("vm")).toEqual(["[datastore1] vm/vm.vmdk"]);
    expect(await newDisks()).toEqual([given]);
  });

  test("that the host does not make leaves nothing: not the one before it, nor its name", async () => {
    const isSecond = "vm_2.vmdk";
    fails({
      entity: isSecond,
      count: 1,
      action: { status: 1, stderr: "No space left on device (1835017)." },
    });
    const two = { disks: [system, data, { label: "more", size: MIB }] };
    expect((await failure(change(two))).message).toContain("No space left");
    expect([await newDisks(), setting(RECORD), (await vmxOf()).get(LABELS)]).toEqual([[], "", undefined]);
    await change(two);
    expect(lab.raw.diskPaths("vm")).toHaveLength(3);
  });

  test("that the host does not make is told, also if what was made before it cannot be deleted", async () => {
    fails({
      entity: "vm_2.vmdk",
      count: 1,
      action: { status: 1, stderr: "No space left on device (1835017)." },
    });
    fails({ entity: "'vmkfstools' '-U'", action: { status: 1, stderr: "Failed to lock the file (16392)" } });
    const two = { disks: [system, data, { label: "more", size: MIB }] };
    expect((await failure(change(two))).message).toContain("No space left");
    expect([await newDisks(), setting(RECORD)]).toEqual([
      ["[datastore1] vm/vm_1.vmdk"],
      "[datastore1] vm/vm_1.vmdk\n[datastore1] vm/vm_2.vmdk",
    ]);
    lab.raw.simulator.faults.clear();
    await change({ disks: [system] });
    expect([await newDisks(), setting(RECORD)]).toEqual([[], ""]);
  });
});

describe("a disk that is there", () => {
  test("grows without being listed", async () => {
    await change({ disks: [{ ...system, size: 2 * MIB }] });
    expect(commands(/'vmkfstools' '-X'/)).toHaveLength(1);
    expect(commands(/mv -f/)).toHaveLength(1);
    expect((await vmxOf()).get(RECORD)).toBeUndefined();
    expect((await seen()).devices.find(({ $type }) => $type === "VirtualDisk")).toMatchObject({
      capacityInKB: 2048,
    });
  });

  test("is taken out first and then deleted, and listed between the two", async () => {
    await change({ disks: [system, data] });
    lab.raw.simulator.requests.clear();
    const found: unknown[] = [];
    fails({
      entity: "'vmkfstools' '-U'",
      action: "continue",
      onWork: async (moment) => {
        if (moment === "before") found.push([lab.raw.diskPaths("vm"), (await vmxOf()).get(RECORD)]);
      },
    });
    await change({ disks: [system] });
    expect(found).toEqual([[["[datastore1] vm/vm.vmdk"], "[datastore1] vm/vm_1.vmdk"]]);
    expect([await newDisks(), setting(RECORD)]).toEqual([[], ""]);
    // The file is written when it is taken out, and when it is gone: no list is needed before that.
    expect(commands(/mv -f/)).toHaveLength(2);
    expect(commands(/'vmkfstools' '-c'/)).toEqual([]);
  });

  test("stays if another machine has it by now, which is told, and goes when that one has given it back", async () => {
    await change({ disks: [system, data] });
    const file = "[datastore1] vm/vm_1.vmdk";
    await stranger.attach("theirs", file);
    const digests = await stranger.digests(["["]);
    expect((await failure(change({ disks: [system] }))).message).toMatch(
      /"theirs" uses .*vm_1\.vmdk, so it is not possible to remove what is not its own any more/,
    );
    expect(await stranger.digests([file.replace(".vmdk", "")])).toEqual(
      Object.fromEntries(Object.entries(digests).filter(([name]) => name.includes("vm_1"))),
    );
    expect(isUnsettled(await seen())).toBe(true);
    await stranger.detach("theirs", file);
    await change({ disks: [system] });
    expect([await newDisks(), setting(RECORD)]).toEqual([[], ""]);
  });
});

describe("a machine that a killed run has left", () => {
  test("loses the disks that are listed and that it does not have, though nothing else is to change", async () => {
    await stranger.copyDisk("[datastore1] theirs/theirs.vmdk", "[datastore1] vm/vm_1.vmdk");
    await set({ [RECORD]: "[datastore1] vm/vm_1.vmdk\n[datastore1] vm/vm_2.vmdk" });
    expect(isUnsettled(await seen())).toBe(true);
    await change({ memory: 64 });
    expect([await newDisks(), setting(RECORD), isUnsettled(await seen())]).toEqual([[], "", false]);
  });

  test("keeps a listed disk that only its file has, which the host has not read yet", async () => {
    await change({ disks: [system, data] });
    const [, file = ""] = lab.raw.diskPaths("vm");
    await set({ [RECORD]: file });
    const shown = await seen();
    const unread = { ...shown, devices: shown.devices.filter((device) => !isDisk(device, 1)) };
    const reads = vi.spyOn(lab.host.vms, "byReference").mockResolvedValueOnce(unread);
    await change({ disks: [system, data] }, unread);
    expect(reads).toHaveBeenCalled();
    expect(commands(/'vmkfstools' '-U'/)).toEqual([]);
    expect([await newDisks(), lab.raw.diskPaths("vm").length, setting(RECORD)]).toEqual([[file], 2, ""]);
  });

  test("whose list names no disk any more loses the list, and nobody is asked who needs what", async () => {
    await set({ [RECORD]: "[datastore1] theirs/theirs.vmdk" });
    const digests = await stranger.digests(["[datastore1] theirs/"]);
    await change({});
    expect(setting(RECORD)).toBe("");
    expect(commands(/'ls'|'vmkfstools'/)).toEqual([]);
    expect(await stranger.digests(["[datastore1] theirs/"])).toEqual(digests);
  });

  test("of whose disks only the places are known records their files", async () => {
    const placed = { disk0: { origin: "source" }, data: { origin: "made", slot: "scsi0:0" } };
    await set({ [LABELS]: JSON.stringify(placed) });
    expect(isUnsettled(await seen())).toBe(true);
    await change({});
    expect(JSON.parse(setting(LABELS)).data).toMatchObject({
      origin: "made",
      file: "[datastore1] vm/vm.vmdk",
    });
    expect(setting(RECORD)).toBe("");
    expect(isUnsettled(await seen())).toBe(false);
  });
});

const isDisk = (
  device: { readonly $type?: string; readonly unitNumber?: number | undefined },
  unit: number,
) => device.$type === "VirtualDisk" && device.unitNumber === unit;

describe("a disk that is deleted if its folder has it", () => {
  const FOLDER = "/vmfs/volumes/datastore1/vm";
  const shellWith = (files: SshFiles) => new EsxiShell(files);

  test("is looked for once more, because a look may leave something out", async () => {
    const there = new SshFiles();
    there.put(FOLDER, "vm.vmdk", "vm-flat.vmdk", "vm.vmx");
    let looks = 0;
    there.before = (command) => {
      if (!command.startsWith("ls")) return undefined;
      return looks++ === 0 ? { exitCode: 0, stdout: "vm.vmx\n" } : undefined;
    };
    await deleteIfThere(shellWith(there), "[datastore1] vm/vm.vmdk", signal);
    expect([there.names(FOLDER), looks]).toEqual([["vm.vmx"], 2]);
  });

  test("that two looks do not show is not there, and what is named alike stays", async () => {
    const there = new SshFiles();
    there.put(FOLDER, "vm.vmdk.bak", "my-vm.vmdk", "vm-flat.vmdk");
    let looks = 0;
    there.before = (command) => {
      if (command.startsWith("ls")) looks++;
      return undefined;
    };
    await deleteIfThere(shellWith(there), "[datastore1] vm/vm.vmdk", signal);
    expect(looks).toBe(2);
    await deleteIfThere(shellWith(there), "[ssd] vm/vm.vmdk", signal);
    expect(there.changes).toEqual([]);
  });

  test("goes from the top of a datastore, too", async () => {
    const there = new SshFiles();
    there.put("/vmfs/volumes/ssd", "vm.vmdk", "vm-flat.vmdk");
    await deleteIfThere(shellWith(there), "[ssd] vm.vmdk", signal);
    expect(there.names("/vmfs/volumes/ssd")).toEqual([]);
    expect(there.changes).toHaveLength(1);
  });
});

/** What goes with a machine that is moved, where to, and what keeps it where it is. One host, at which nothing is moved. */
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { formatDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import { isThere, type MoveTarget, newPlaces, planMove } from "../../../../provider/host/move/move-plan.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDisk, VirtualMachineConfigInfo } from "../../../../schema/index.ts";
import { told } from "../../../support/told.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const MIB = 1024 ** 2;
const FAR = "[far] data/data.vmdk";

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  const datastores = ["datastore1", "big", "far"].map((name) => ({ name, capacityBytes: 1024 * MIB }));
  lab = await Lab.open({ datastores });
  stranger = new Stranger(lab);
  await stranger.vm("core", ["new", "new"]);
  await mkdir(lab.raw.simulator.localFile("[far] data"));
  await stranger.copyDisk("[datastore1] core/core.vmdk", FAR);
  await stranger.attach("core", FAR);
});

afterAll(() => lab.close());
afterEach(() => vi.restoreAllMocks());

const { signal } = new AbortController();

async function observed(name = "core"): Promise<ObservedVm> {
  const vm = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (vm === undefined) throw new Error(`The host has no machine ${name}.`);
  return vm;
}

const to = (target: Partial<MoveTarget> = {}): MoveTarget => ({
  datastore: "big",
  folder: undefined,
  staying: [],
  ...target,
});
const plan = async (target?: Partial<MoveTarget>, vm?: ObservedVm) =>
  planMove(lab.host, vm ?? (await observed()), to(target), signal);
const refused = async (target?: Partial<MoveTarget>, vm?: ObservedVm) =>
  (await failure(plan(target, vm))).message;
const folder = async (target?: Partial<MoveTarget>, vm?: ObservedVm) =>
  formatDatastorePath((await plan(target, vm)).folder);

/** The host tells of the disks in the machine's folder as they are after that. */
function toldDisks(change: (disk: VirtualDisk, index: number) => VirtualDisk): void {
  told(lab.host, "config", (value) => {
    const config = value as VirtualMachineConfigInfo;
    let index = 0;
    const device = config.hardware.device?.map((one) =>
      one.$type === "VirtualDisk" ? change(one as VirtualDisk, index++) : one,
    );
    return { ...config, hardware: { ...config.hardware, device } };
  });
}

const backed = (disk: VirtualDisk, more: object): VirtualDisk =>
  ({ ...disk, backing: { ...disk.backing, ...more } }) as VirtualDisk;

describe("a machine is where it is to be", () => {
  test.each<[Partial<MoveTarget>, boolean]>([
    [{ datastore: undefined }, true],
    [{ datastore: "datastore1" }, true],
    [{ datastore: "big" }, false],
    [{ datastore: undefined, folder: "core" }, true],
    [{ datastore: undefined, folder: "class/core" }, false],
    [{ datastore: "datastore1", folder: "class/core" }, false],
    [{ datastore: "big", folder: "core" }, false],
  ])("for %j: %s", async (target, is) => {
    expect(await isThere(lab.host, await observed(), to(target))).toBe(is);
  });

  test("of no datastore that is not there", async () => {
    const asked = isThere(lab.host, await observed(), to({ datastore: "bigg" }));
    expect((await failure(asked)).message).toContain('no datastore "bigg"');
  });
});

describe("what goes along", () => {
  test("is each disk in the machine's folder, and none elsewhere", async () => {
    const planned = await plan();
    expect(newPlaces(planned)).toEqual(
      new Map([
        ["[datastore1] core/core.vmdk", "[big] core/core.vmdk"],
        ["[datastore1] core/core_1.vmdk", "[big] core/core_1.vmdk"],
      ]),
    );
  });

  test("are the files that it cannot do without, and the media of its drives that lie beside it, once each", async () => {
    const file = (key: number, type: string, name: string) =>
      create("VirtualMachineFileLayoutExFileInfo", { key, type, name: `[datastore1] ${name}`, size: 1 });
    told(lab.host, "layoutEx", (value) => ({
      ...(value as object),
      file: [
        file(1, "nvram", "core/core.nvram"),
        file(2, "extendedConfig", "core/core.vmxf"),
        file(3, "snapshotList", "core/core.vmsd"),
        file(4, "log", "core/vmware.log"),
        file(5, "config", "core/core.vmx"),
        file(6, "diskDescriptor", "core/core.vmdk"),
        file(7, "nvram", "elsewhere/core.nvram"),
      ],
    }));
    const vm = await observed();
    const drive = (fileName: string) =>
      create("VirtualCdrom", {
        key: 1,
        backing: create("VirtualCdromIsoBackingInfo", { fileName }),
      });
    const devices = [
      ...vm.devices,
      ...["core/own.iso", "core/own.iso", "iso/theirs.iso"].map((name) => drive(`[datastore1] ${name}`)),
      create("VirtualSerialPort", {
        key: 2,
        yieldOnPoll: true,
        backing: create("VirtualSerialPortFileBackingInfo", { fileName: "[datastore1] core/serial.log" }),
      }),
      create("VirtualCdrom", {
        key: 3,
        backing: create("VirtualCdromRemotePassthroughBackingInfo", { deviceName: "", exclusive: false }),
      }),
    ];
    const { files } = await plan({}, { ...vm, devices });
    expect(files.map(formatDatastorePath)).toEqual(
      ["core.nvram", "core.vmxf", "core.vmsd", "own.iso", "serial.log"].map(
        (name) => `[datastore1] core/${name}`,
      ),
    );
  });

  test("are no files of a machine of which the host tells none", async () => {
    told(lab.host, "layoutEx", () => undefined);
    expect((await plan()).files).toEqual([]);
  });
});

describe("the folder", () => {
  const put = async (path: string) => {
    const local = lab.raw.simulator.localFile(`[big] ${path}`);
    await mkdir(local.replace(/[^/]*$/, ""), { recursive: true });
    await writeFile(local, "somebody's");
  };

  test("is called as the machine's own, with a number where that is taken", async () => {
    expect(await folder()).toBe("[big] core");
    expect(await folder({ datastore: undefined })).toBe("[datastore1] core_1");
    const vm = await observed();
    expect(await folder({}, { ...vm, vmxPath: "[datastore1] class/a/core.vmx" })).toBe("[big] a");
    // One without a folder of its own.
    expect(await folder({}, { ...vm, vmxPath: "[datastore1] alone.vmx" })).toBe("[big] alone");
  });

  test("is the one that is asked for, if nothing is in it", async () => {
    expect(await folder({ folder: "class/b" })).toBe("[big] class/b");
    await mkdir(lab.raw.simulator.localFile("[big] class/c"), { recursive: true });
    expect(await folder({ folder: "class/c" })).toBe("[big] class/c");
    await put("class/d/notes.txt");
    expect(await refused({ folder: "class/d" })).toBe(
      'esxi1: "core" cannot be moved to [big] class/d: there are files in that folder already. Nothing was changed. Choose ' +
        "another `folder`, or leave it out.",
    );
  });

  test("is not looked for for ever", async () => {
    const vm = { ...(await observed()), vmxPath: "[datastore1] many/core.vmx" };
    await put("many/notes.txt");
    for (let number = 1; number < 99; number++) await put(`many_${number}/notes.txt`);
    expect(await folder({}, vm)).toBe("[big] many_99");
    await put("many_99/notes.txt");
    expect(await refused({}, vm)).toBe(
      `esxi1: [big] has too many folders named "many", so "${vm.name}" cannot be moved there. Nothing was changed. ` +
        "Remove those that nobody needs, or name a `folder`.",
    );
  });
});

describe("there must be room", () => {
  const free = (bytes: number | undefined) =>
    told(lab.host, "summary", (value) =>
      "freeSpace" in (value as object) ? { ...(value as object), freeSpace: bytes } : value,
    );
  const thick = () => toldDisks((disk) => backed(disk, { thinProvisioned: false }));
  /** What each extent takes on the datastore. */
  const taken = (sizes: { readonly size?: number; readonly uniqueSize?: number }) =>
    told(lab.host, "layoutEx", (value) => {
      const layout = value as { readonly file: readonly { readonly name: string }[] };
      const file = layout.file.map((one) =>
        /core(_1)?-flat\.vmdk$/.test(one.name)
          ? {
              ...one,
              size: sizes.size ?? 0,
              uniqueSize: sizes.uniqueSize,
            }
          : { ...one, size: 512 * MIB, uniqueSize: undefined },
      );
      return { ...layout, file };
    });

  test("for all of a disk that is thick, and only for those that go along", async () => {
    thick();
    free(2 * MIB);
    expect(await folder()).toBe("[big] core");
    free(2 * MIB - 1);
    expect(await refused()).toBe(
      'esxi1: "core" cannot be moved: its disks take 2.0 MiB, and big has 2.0 MiB left. Nothing was changed.',
    );
  });

  test("for what a thin disk takes of its datastore, as far as the host tells", async () => {
    taken({ size: 2 * MIB, uniqueSize: MIB / 2 });
    free(MIB);
    expect(await folder()).toBe("[big] core");
    free(MIB - 1);
    expect(await refused()).toContain("its disks take 1.0 MiB");
    vi.restoreAllMocks();
    taken({ size: MIB / 4 });
    free(MIB / 2 - 1);
    expect(await refused()).toContain("its disks take 512 KiB");
    vi.restoreAllMocks();
    told(lab.host, "layoutEx", () => undefined);
    free(0);
    expect(await folder()).toBe("[big] core");
  });

  test("where the host tells of it", async () => {
    thick();
    free(undefined);
    expect(await folder()).toBe("[big] core");
    told(lab.host, "summary", () => undefined);
    expect(await folder()).toBe("[big] core");
  });
});

describe("stays, because", () => {
  test("its snapshots would not come along", async () => {
    await stranger.vm("frozen");
    for (const name of ["before", "after"]) await stranger.snapshot("frozen", name);
    expect(await refused({}, await observed("frozen"))).toMatch(
      /"frozen" cannot be moved: it has snapshots \("before", "after"\), which would not come along\. .* Nothing was changed\.$/,
    );
  });

  test("nobody can copy it", async () => {
    told(lab.host, "config", (value) => ({
      ...(value as object),
      keyId: create("CryptoKeyId", { keyId: "key" }),
    }));
    expect(await refused()).toContain('"core" cannot be moved: it is encrypted');
  });

  test("one of its disks builds on another, wherever that lies", async () => {
    toldDisks((disk, index) =>
      index === 2
        ? backed(disk, {
            parent: create("VirtualDiskFlatVer2BackingInfo", {
              fileName: "[far] base.vmdk",
              diskMode: "persistent",
            }),
          })
        : disk,
    );
    expect(await refused()).toContain(
      `its disk ${FAR} builds on another one, [far] base.vmdk, which stays where it is`,
    );
  });

  const raw = (which: number) =>
    toldDisks((disk, index) =>
      index === which
        ? {
            ...disk,
            backing: create("VirtualDiskRawDiskMappingVer1BackingInfo", {
              fileName: String((disk.backing as { readonly fileName?: string }).fileName),
              compatibilityMode: "virtualMode",
              diskMode: "persistent",
            }),
          }
        : disk,
    );

  test("one of the disks that would go along is a raw device", async () => {
    raw(1);
    expect(await refused()).toContain("its disk [datastore1] core/core_1.vmdk is a raw device.");
    vi.restoreAllMocks();
    raw(2);
    expect(await folder()).toBe("[big] core");
  });

  const labelled = async (origin: string, slot = "scsi0:1", label = "data") => {
    const vm = await observed();
    const labels = JSON.stringify({ [label]: { origin, slot } });
    return { ...vm, extraConfig: new Map([...vm.extraConfig, ["pulumi-esxi-direct.labels", labels]]) };
  };

  test("a disk in its folder was attached to it", async () => {
    expect(await refused({}, await labelled("attached"))).toMatch(
      /its disk "data" was attached to it, and lies in the machine's own folder: \[datastore1\] core\/core_1\.vmdk\./,
    );
    expect(await folder({}, await labelled("made"))).toBe("[big] core");
    expect(await folder({}, await labelled("attached", "scsi0:9"))).toBe("[big] core");
  });

  test("a disk in its folder is wanted on the datastore that it is to leave", async () => {
    expect(await refused({ staying: ["other", "data"] }, await labelled("made"))).toContain(
      'its disk "data" lies in the machine\'s own folder, and is asked for on the datastore that the machine is to leave',
    );
    expect(await folder({ staying: ["other"] }, await labelled("made"))).toBe("[big] core");
    expect(await folder({ staying: ["data"] }, await labelled("made", "scsi0:9"))).toBe("[big] core");
  });

  test("others build on its disks, and there is another way for all of them", async () => {
    await stranger.vm("golden");
    await stranger.vm("clone", [{ on: "[datastore1] golden/golden.vmdk" }]);
    expect(await refused({}, await observed("golden"))).toMatch(
      /the disks of "clone" build on those of "golden".*not possible to move it to another place.*Or have it made anew there together with its clones, disks included: `pulumi up --replace` and its URN\.$/,
    );
  });

  test("the host does not say who builds on its disks: that error is the host's", async () => {
    const vm = await observed();
    const broken = new Error("broken");
    vi.spyOn(lab.host.vms, "inventory").mockRejectedValue(broken);
    vi.spyOn(lab.host.vms, "overview").mockImplementation(() => {
      throw broken;
    });
    expect(await failure(plan({}, vm))).toBe(broken);
  });
});

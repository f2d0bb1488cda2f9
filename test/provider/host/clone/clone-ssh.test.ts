/** Clones in the host's shell: what is looked at before anything is written, what is copied, and when a run is stopped. */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CloneRequest } from "../../../../provider/host/clone/clone-request.ts";
import { type CloneSource, findCloneSource } from "../../../../provider/host/clone/clone-source.ts";
import {
  cloneFullBySsh,
  cloneLinkedBySsh,
  shellSnapshots,
} from "../../../../provider/host/clone/clone-ssh.ts";
import { parseDatastorePath, toHostPath } from "../../../../provider/host/datastore/datastore-path.ts";
import { ISO_NAMES } from "../../../../provider/host/ovf-environment/iso-files.ts";
import { flagOf } from "../../../../provider/host/shell/ssh-folder.ts";
import { OWNER_MARK_KEY, parseOwnerMark } from "../../../../provider/host/vm/reading/owner-mark.ts";
import type { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { parseVmx } from "../../../../provider/vmx/vmx.ts";
import { digestOf } from "../../../support/collect.ts";
import { CloneLab, GIVEN_MAC } from "../../resources/clone-lab.ts";
import { failure } from "../../resources/lab.ts";
import { editFiles } from "../../resources/raw-vmx.ts";

let clones: CloneLab;

beforeEach(async () => {
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" }, datastores });
  await clones.golden({
    datastore: "datastore1",
    disks: [{}, { label: "data", size: 0.01, datastore: "datastore2" }],
  });
});

afterEach(() => clones.lab.close());

const fileOf = (path: string) => clones.lab.raw.simulator.localFile(path);
const bytesOf = (name: string) =>
  Promise.all(
    clones.lab.raw
      .diskPaths(name)
      .map(async (path) => (await digestOf(clones.lab.raw.simulator.readDisk(path))).sha256),
  );
const files = async () => (await clones.lab.raw.contents()).files;
/** Of the commands in the host's shell, those that begin with these words. */
const commands = (...words: readonly string[]) =>
  clones.lab.raw.simulator.requests
    .entries()
    .filter(
      ({ method, target }) => method === "ssh.exec" && words.every((word) => target.includes(`'${word}'`)),
    )
    .map(({ target }) => target);

const golden = () => findCloneSource(clones.lab.host, "golden");

async function make(
  clone: typeof cloneFullBySsh = cloneFullBySsh,
  wish: Partial<CloneRequest> = {},
  { signal } = new AbortController(),
) {
  const source = wish.source ?? (await golden());
  clones.lab.raw.simulator.requests.clear();
  return clone(clones.lab.host, { ...clones.request(source), ...wish }, clones.options(signal));
}

const setVmx = async (change: (text: string) => string) => {
  await editFiles(clones.lab.raw, "golden", { vmx: change });
  await clones.lab.restart();
};

describe("a full clone over SSH", () => {
  test("has a copy of each disk beside itself, wherever that of its source is, and tells how far each is", async () => {
    const bytes = await bytesOf("golden");
    expect(new Set(bytes).size).toBe(2);
    await make();
    expect(clones.lab.raw.diskPaths("student")).toEqual([
      "[datastore1] student/student.vmdk",
      "[datastore1] student/student_1.vmdk",
    ]);
    expect(await bytesOf("student")).toEqual(bytes);
    for (const which of ["disk 1 of 2", "disk 2 of 2"])
      expect(clones.lab.texts("status")).toContain(`copying ${which} of "golden": 100%`);
    expect(commands("vmkfstools", "-i").map((text) => / '-d' '(\w+)'/.exec(text)?.[1])).toEqual([
      "thin",
      "thin",
    ]);
  });

  test("of a machine with one disk tells of that", async () => {
    await clones.lab.create({ name: "small", powerOn: false, datastore: "datastore1" });
    await make(cloneFullBySsh, { source: await findCloneSource(clones.lab.host, "small") });
    expect(clones.lab.texts("status")).toContain('copying the disk of "small": 100%');
  });

  test("is where the program says, in the format that it says", async () => {
    const wish = {
      datastore: "datastore2",
      folder: "lab/one",
      diskProvisioning: "eagerZeroedThick",
    } as const;
    await make(cloneFullBySsh, wish);
    expect(clones.lab.raw.vm("student").vmxPath).toBe("[datastore2] lab/one/one.vmx");
    expect(commands("vmkfstools", "-i").every((text) => text.includes("'eagerzeroedthick'"))).toBe(true);
  });

  test("is copied under names that say that it is not whole", async () => {
    const seen: string[][] = [];
    clones.lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'-E'",
      action: "continue",
      onWork: async (moment) => {
        if (moment === "before")
          seen.push((await files()).filter((file) => /student\/.*(?<!-flat)\.vmdk$/.test(file)));
      },
    });
    await make();
    expect(seen).toEqual([
      [expect.stringMatching(/student\/copying-\w+-0\.vmdk$/)],
      [expect.stringMatching(/student\/copying-\w+-1\.vmdk$/), "[datastore1] student/student.vmdk"],
    ]);
  });

  test("that is stopped while a disk is copied goes no further, and leaves nothing", async () => {
    const before = await files();
    const stop = new AbortController();
    clones.lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'-i'",
      count: 1,
      action: "continue",
      onWork: (moment) => (moment === "after" ? stop.abort(new Error("^C")) : undefined),
    });
    expect((await failure(make(cloneFullBySsh, {}, stop))).message).toBe("^C");
    expect([commands("-i").length, commands("-E").length, commands("solo/registervm").length]).toEqual([
      1, 0, 0,
    ]);
    expect(await files()).toEqual(before);
  });

  test("that is stopped while a whole disk gets its name ends that, and leaves nothing", async () => {
    const before = await files();
    const stop = new AbortController();
    clones.lab.raw.simulator.faults.add({
      method: "ssh.exec",
      entity: "'-E'",
      count: 1,
      action: "continue",
      onWork: (moment) => (moment === "before" ? stop.abort(new Error("^C")) : undefined),
    });
    expect((await failure(make(cloneFullBySsh, {}, stop))).message).toBe("^C");
    expect([commands("-i").length, commands("-E").length]).toEqual([1, 1]);
    expect(await files()).toEqual(before);
  });

  test.each([
    [
      "of the name that its file says",
      (text: string) => text.replace(/nvram = ".*"/, 'nvram = "boot.nvram"'),
      "boot.nvram",
    ],
    [
      "of its own name if its file says none",
      (text: string) => text.replace(/nvram = ".*"\n/, ""),
      "golden.nvram",
    ],
  ])("has the source's NVRAM %s", async (_, change, name) => {
    await setVmx(change);
    await writeFile(fileOf(`[datastore1] golden/${name}`), "boot entries of golden");
    await make();
    expect(await readFile(fileOf("[datastore1] student/student.nvram"), "utf8")).toBe(
      "boot entries of golden",
    );
    expect(await readFile(fileOf("[datastore1] student/student.vmx"), "utf8")).toContain(
      'nvram = "student.nvram"',
    );
  });
});

test("a full clone over SSH of a machine that runs is copied of disks that stand still", async () => {
  const { moid } = clones.lab.raw.vm("golden");
  const disks = clones.lab.raw.diskPaths("golden");
  const bytes = await bytesOf("golden");
  await clones.lab.raw.simulator.behindBack.powerOn(moid);
  await clones.lab.restart();
  await make();
  const from = commands("vmkfstools", "-i").map((text) => /'-i' '(.*?)'/.exec(text)?.[1]);
  expect(from).toEqual(disks.map((path) => toHostPath(parseDatastorePath(path))));
  expect(await bytesOf("student")).toEqual(bytes);
  expect(clones.lab.raw.diskPaths("golden")).toEqual(disks);
});

test("a linked clone over SSH builds on each of its source's disks, wherever that is", async () => {
  const bytes = await bytesOf("golden");
  await make(cloneLinkedBySsh);
  expect(clones.lab.raw.diskPaths("student")).toEqual([
    "[datastore1] student/student.vmdk",
    "[datastore1] student/student_1.vmdk",
  ]);
  expect(await bytesOf("student")).toEqual(bytes);
  expect([commands("-i").length, clones.lab.texts("status").includes('linking to "golden"')]).toEqual([
    0,
    true,
  ]);
});

test("a clone over SSH has the image of its source's drive, but for the source's own OVF environment", async () => {
  const golden = "/vmfs/volumes/datastore1/golden";
  const environment = String(ISO_NAMES[0]);
  const images = [`iso/${environment}.iso`, environment, "tools.iso", `${golden}/${environment}`];
  const drives = images.map((file, index) =>
    [
      `sata0:${index}.present = "TRUE"`,
      `sata0:${index}.deviceType = "cdrom-image"`,
      `sata0:${index}.startConnected = "TRUE"`,
      `sata0:${index}.fileName = "${file}"`,
    ].join("\n"),
  );
  await setVmx((text) => `${text.trimEnd()}\nsata0.present = "TRUE"\n${drives.join("\n")}\n`);
  await make();
  const vmx = parseVmx(await readFile(fileOf("[datastore1] student/student.vmx")));
  const drive = (index: number) => [
    vmx.get(`sata0:${index}.fileName`),
    vmx.get(`sata0:${index}.startConnected`),
  ];
  expect([drive(0), drive(1), drive(2), drive(3)]).toEqual([
    [`${golden}/iso/${environment}.iso`, "TRUE"],
    ["emptyBackingString", "FALSE"],
    [`${golden}/tools.iso`, "TRUE"],
    ["emptyBackingString", "FALSE"],
  ]);
});

test("a clone over SSH has its own mark, settings and adapters, and no key about its source's disks", async () => {
  const key = "pulumi-esxi-direct.about-golden";
  await setVmx((text) => `${text.trimEnd()}\n${key} = "of golden"\ncustom.lab = "of golden"\n`);
  const wish: Partial<CloneRequest> = {
    settings: { memory: 768 },
    adapters: [{ network: "VM Network", macAddress: GIVEN_MAC }],
  };
  await make(cloneFullBySsh, wish);
  const vmx = parseVmx(await readFile(fileOf("[datastore1] student/student.vmx")));
  expect([vmx.get(key), vmx.get("custom.lab"), vmx.get("memSize")]).toEqual([undefined, "of golden", "768"]);
  expect(clones.macAddresses("student")).toEqual([GIVEN_MAC]);
  const { mark } = clones.request(await golden());
  expect(parseOwnerMark(vmx.get(OWNER_MARK_KEY) ?? "")).toEqual({ ...mark, flag: flagOf(mark) });
});

describe.each([
  ["full", cloneFullBySsh],
  ["linked", cloneLinkedBySsh],
] as const)("a %s clone over SSH is refused before anything is written", (_, clone) => {
  const expectRefused = async (source: CloneSource, message: RegExp) => {
    const before = await files();
    expect((await failure(make(clone, { source }))).message).toMatch(message);
    expect([commands("mkdir"), commands("cat").filter((text) => text.includes(">"))]).toEqual([[], []]);
    expect(await files()).toEqual(before);
  };

  test("if only the source's file says that it cannot be copied", async () => {
    const source = await golden();
    await setVmx((text) => `${text.trimEnd()}\nencryption.keySafe = "vmware:key/list/(pair)"\n`);
    await expectRefused(source, /cannot be cloned: it is encrypted/);
  });

  test("if only a disk's descriptor says that nobody can copy it", async () => {
    const source = await golden();
    const disk = fileOf("[datastore1] golden/golden.vmdk");
    const text = await readFile(disk, "utf8");
    await writeFile(disk, text.replace(/createType="\w+"/, 'createType="vmfsPassthroughRawDeviceMap"'));
    await expectRefused(source, /golden\.vmdk is a raw device in physical mode/);
  });

  test("if the source's file is gone", async () => {
    const source = await golden();
    await rename(fileOf("[datastore1] golden/golden.vmx"), fileOf("[datastore1] golden/elsewhere"));
    await expectRefused(
      source,
      /there is no \[datastore1\] golden\/golden\.vmx any more, so "golden" cannot be cloned/,
    );
    await rm(fileOf("[datastore1] golden/elsewhere"));
  });
});

describe("a snapshot by the host's shell", () => {
  const { signal } = new AbortController();
  /** A shell that lists these snapshots, and notes what it is told. */
  const shell = (names: readonly string[]) => {
    const told: string[] = [];
    const commands = {
      host: "esxi1",
      snapshots: async () => names.map((name, index) => ({ id: String(index + 1), name })),
      createSnapshot: async (moid: string, name: string) => void told.push(`take ${moid} ${name}`),
      removeSnapshot: async (moid: string, id: string) => void told.push(`remove ${moid} ${id}`),
    };
    return { told, way: shellSnapshots(commands as unknown as EsxiShell) };
  };

  test("is the last one of that name, and goes alone", async () => {
    const source = await golden();
    const { told, way } = shell(["ours", "mine", "ours", "after"]);
    const taken = await way.take(source, "ours", signal);
    await taken.remove(signal);
    expect(told).toEqual([`take ${source.ref.value} ours`, `remove ${source.ref.value} 3`]);
  });

  test("that the host does not list is told, and none is taken for a run that was stopped", async () => {
    const source = await golden();
    const { told, way } = shell(["mine"]);
    expect((await failure(way.take(source, "ours", signal))).message).toMatch(
      /^esxi1: the snapshot "ours" of "golden" was taken over SSH, but the host does not list it/,
    );
    told.length = 0;
    const stopped = way.take(source, "ours", AbortSignal.abort(new Error("^C")));
    expect((await failure(stopped)).message).toBe("^C");
    expect(told).toEqual([]);
  });
});

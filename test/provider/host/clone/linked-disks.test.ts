/** Disks of linked clones: whose children are copied, who shares them, and what is left of a run that is stopped. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { CloneRequest } from "../../../../provider/host/clone/clone-request.ts";
import { linkDisks } from "../../../../provider/host/clone/linked-disks.ts";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { parseVmx } from "../../../../provider/vmx/vmx.ts";
import type { VirtualDiskSeSparseBackingInfo } from "../../../../schema/index.ts";
import { failure } from "../../resources/lab.ts";
import { SshFiles } from "../ssh-files.ts";

const ROOT = "/vmfs/volumes/datastore1";
/** What the datastore's name, a link, leads to. */
const REAL = "/vmfs/volumes/5f0c-1";
const DISKS = { "scsi0:0": "golden-000001.vmdk", "scsi0:1": "data-000004.vmdk" };

let files: SshFiles;
let shell: EsxiShell;
let host: EsxiHost;
/** How often the source's disks were read. */
let reads: number;

const descriptor = (name: string, parent: string, cid = "aaaaaaaa") =>
  [
    "# Disk DescriptorFile",
    `CID=${cid}`,
    "parentCID=aaaaaaaa",
    `parentFileNameHint="${parent}"`,
    `RW 2048 SESPARSE "${name.replace(".vmdk", "-sesparse.vmdk")}"`,
    "",
  ].join("\n");

beforeEach(() => {
  files = new SshFiles(ROOT, REAL);
  files.put(`${REAL}/golden`, "golden-000001-sesparse.vmdk", "data-000004-sesparse.vmdk");
  files.paths.set(`${REAL}/golden/golden-000001.vmdk`, descriptor("golden-000001.vmdk", "golden.vmdk"));
  files.paths.set(
    `${REAL}/golden/data-000004.vmdk`,
    descriptor("data-000004.vmdk", "/vmfs/volumes/9/data.vmdk"),
  );
  reads = 0;
  files.before = (command) => {
    if (command === `cat ${REAL}/golden/golden-000001.vmdk`) reads++;
    return command === `readlink -f ${ROOT}/golden` ? { exitCode: 0, stdout: `${REAL}/golden\n` } : undefined;
  };
  shell = new EsxiShell(files);
  host = { name: "esxi1" } as EsxiHost;
});

/** Disks as the API shows them: each above those on which it builds. */
const disk = (...chain: readonly string[]) =>
  chain.reduceRight<VirtualDiskSeSparseBackingInfo | undefined>(
    (parent, fileName) =>
      create("VirtualDiskSeSparseBackingInfo", { fileName, diskMode: "persistent", parent }),
    undefined,
  );

interface Wish {
  readonly source?: string;
  readonly changeVersion?: string;
  readonly chains?: readonly (readonly string[])[];
  readonly signal?: AbortSignal;
  readonly on?: EsxiHost;
}

const CHAINS = Object.values(DISKS).map((name) => [
  `[datastore1] golden/${name}`,
  "[datastore1] golden/base.vmdk",
]);

/** Gives a clone of that name its disks. */
function link(name: string, { source = "1", changeVersion = "1", chains = CHAINS, ...rest }: Wish = {}) {
  const { signal = new AbortController().signal, on = host } = rest;
  files.put(`${ROOT}/${name}`);
  const entries = Object.entries(DISKS);
  const original = parseVmx(
    Buffer.from(entries.map(([device, file]) => `${device}.fileName = "${file}"\n`).join("")),
  );
  const request = {
    source: {
      ref: { type: "VirtualMachine", value: source },
      name: "golden",
      config: { changeVersion },
      disks: chains.map((chain) =>
        create("VirtualDisk", { key: 1, capacityInKB: 1, backing: disk(...chain) }),
      ),
    },
    mark: { urn: name, digest: "d" },
  } as unknown as CloneRequest;
  const linking = {
    original,
    disks: new Map(entries.map(([device, file]) => [device, `${ROOT}/golden/${file}`])),
    folder: parseDatastorePath(`[datastore1] ${name}`),
    base: name,
    request,
  };
  return linkDisks(on, shell, linking, { signal, onStatus: () => {}, onWarning: () => {} });
}

const changes = () => files.changes.filter((command) => !command.startsWith("readlink"));
/** Has the host's shell answer so, if that gives an answer. */
function answer(what: (command: string) => ReturnType<SshFiles["before"]>): void {
  const usual = files.before;
  files.before = (command) => what(command) ?? usual(command);
}

/** Lets what can go on without an answer go on. */
const settle = () => new Promise((resolve) => void setImmediate(resolve));

/** Holds the copies into that folder until they are let go. */
function holdCopiesTo(folder: string) {
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const copy = shell.copyFile.bind(shell);
  vi.spyOn(shell, "copyFile").mockImplementation(async (from, to, signal) => {
    if (to.includes(`/${folder}/`)) await held;
    return copy(from, to, signal);
  });
  return { goOn };
}

describe("a linked clone of a source whose disks are children to which nobody has written", () => {
  test("has a copy of each, which builds on the same parent by its whole path", async () => {
    expect(await link("student")).toEqual(
      new Map([
        ["scsi0:0", "student.vmdk"],
        ["scsi0:1", "student_1.vmdk"],
      ]),
    );
    const text = (name: string) => files.paths.get(`${ROOT}/student/${name}`);
    expect(text("student-sesparse.vmdk")).toBe("golden-000001-sesparse.vmdk as it was");
    expect(text("student_1-sesparse.vmdk")).toBe("data-000004-sesparse.vmdk as it was");
    expect(text("student.vmdk")).toBe(descriptor("student.vmdk", `${REAL}/golden/golden.vmdk`));
    expect(text("student_1.vmdk")).toBe(descriptor("student_1.vmdk", "/vmfs/volumes/9/data.vmdk"));
    expect(changes().map((command) => command.split(" ")[0])).toEqual(["cp", "cat", "cp", "cat"]);
    expect(files.names(`${REAL}/golden`)).toHaveLength(4);
  });

  test("has bytes of a name of their own if the source's have another one", async () => {
    files.paths.set(
      `${REAL}/golden/golden-000001.vmdk`,
      descriptor("golden-000001.vmdk", "golden.vmdk").replace("golden-000001-sesparse", "other-delta"),
    );
    files.put(`${REAL}/golden`, "other-delta.vmdk");
    await link("student");
    expect(files.paths.get(`${ROOT}/student/student-delta.vmdk`)).toBe("other-delta.vmdk as it was");
    expect(files.paths.get(`${ROOT}/student/student.vmdk`)).toContain('"student-delta.vmdk"');
  });

  test.each([
    [
      "one was written to",
      () =>
        files.paths.set(
          `${REAL}/golden/data-000004.vmdk`,
          descriptor("data-000004.vmdk", "data.vmdk", "bbbbbbbb"),
        ),
    ],
    [
      "one is in several files",
      () =>
        files.paths.set(
          `${REAL}/golden/data-000004.vmdk`,
          `${descriptor("data-000004.vmdk", "data.vmdk")}RW 1 SESPARSE "b"\n`,
        ),
    ],
    ["one is not there", () => files.paths.delete(`${REAL}/golden/data-000004.vmdk`)],
  ])("has children that the host makes anew if %s", async (_, change) => {
    change();
    await expectAnew(link("student"));
  });

  test("has children that the host makes anew if one of its disks builds on no other", async () => {
    await expectAnew(
      link("student", { chains: [CHAINS[0] ?? [], ["[datastore1] golden/data-000004.vmdk"]] }),
    );
    expect(reads).toBe(0);
  });

  /** The folder for the machine that makes them is the first thing that is made, and it is not made here. */
  async function expectAnew(linking: Promise<unknown>): Promise<void> {
    const full = { exitCode: 1, stderr: "the datastore is full" };
    answer((command) => (command.startsWith("mkdir") ? full : undefined));
    expect((await failure(linking)).message).toContain("the datastore is full");
    expect(changes()).toEqual([expect.stringMatching(/^mkdir .*\/student\/pulumi-linking-/)]);
    expect(files.names(`${ROOT}/student`)).toEqual([]);
  }

  test("is not begun by a run that was stopped while the source was read", async () => {
    const stop = new AbortController();
    answer((command) => {
      if (command.startsWith(`cat ${REAL}/golden/data`)) stop.abort(new Error("^C"));
      return undefined;
    });
    expect((await failure(link("student", { signal: stop.signal }))).message).toBe("^C");
    expect(files.names(`${ROOT}/student`)).toEqual([]);
  });

  test("has whole disks or none when the run is stopped: what was begun is ended", async () => {
    const stop = new AbortController();
    const copy = shell.copyFile.bind(shell);
    vi.spyOn(shell, "copyFile").mockImplementation(async (from, to, signal) => {
      stop.abort(new Error("^C"));
      await copy(from, to, signal);
    });
    expect((await failure(link("student", { signal: stop.signal }))).message).toBe("^C");
    expect(files.names(`${ROOT}/student`)).toEqual(["student-sesparse.vmdk", "student.vmdk"]);
  });

  test("fails with the host's words, whatever the look at what is left says", async () => {
    answer((command) => {
      if (command.startsWith("test")) throw new Error("no answer to the look");
      return command.startsWith("cp") ? { exitCode: 1, stderr: "no space" } : undefined;
    });
    expect((await failure(link("student"))).message).toContain("no space");
  });
});

describe("linked clones that are made at the same time", () => {
  test("share what was read of their source, and the first ends after all have copied it", async () => {
    const { goOn } = holdCopiesTo("two");
    const ended: string[] = [];
    const all = ["one", "two", "three"].map((name) => link(name).then(() => ended.push(name)));
    await settle();
    expect(ended).toEqual(["three"]);
    goOn();
    await Promise.all(all);
    expect([...ended].sort()).toEqual(["one", "three", "two"]);
    expect(reads).toBe(1);
  });

  test("do not wait for a clone that begins after they have copied, and it reads its source anew", async () => {
    await link("one");
    const { goOn } = holdCopiesTo("two");
    const two = link("two");
    await settle();
    await link("three", { source: "2" });
    goOn();
    await two;
    expect(reads).toBe(3);
  });

  test("of a source that another clone waits for have what was read of it last", async () => {
    const { goOn } = holdCopiesTo("two");
    const [one, two] = [link("one"), link("two")];
    await settle();
    // The first has copied, and waits for the second: what it has made is on its way out.
    await link("three");
    expect(reads).toBe(2);
    goOn();
    await Promise.all([one, two]);
    await link("four");
    expect(reads).toBe(3);
  });

  test.each<[string, () => Wish]>([
    ["another source", () => ({ source: "2" })],
    ["a source that was changed meanwhile", () => ({ changeVersion: "2" })],
    [
      "a source with other disks",
      () => ({ chains: CHAINS.map((chain) => [...chain, "[datastore1] golden/older.vmdk"]) }),
    ],
    ["a source on another host", () => ({ on: { name: "esxi2" } as EsxiHost })],
  ])("share nothing with one of %s", async (_, other) => {
    await Promise.all([link("one"), link("two", other())]);
    expect(reads).toBe(2);
  });

  test("go on when the one fails that was to read their source, and share the next one's", async () => {
    let failures = 0;
    answer((command) => {
      if (command.startsWith("readlink") && ++failures === 1) throw new Error("the connection was lost");
      return undefined;
    });
    const ended = await Promise.allSettled(["one", "two", "three"].map((name) => link(name)));
    expect(ended.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(reads).toBe(1);
    await link("four");
    expect(reads).toBe(2);
  });

  test("end with the reason for which they were stopped when that one fails", async () => {
    const stop = new AbortController();
    answer((command) => {
      if (!command.startsWith("readlink")) return undefined;
      stop.abort(new Error("^C"));
      throw new Error("the connection was lost");
    });
    const [one, two] = [link("one"), link("two", { signal: stop.signal })];
    expect((await failure(one)).message).toBe("the connection was lost");
    expect((await failure(two)).message).toBe("^C");
    expect(files.names(`${ROOT}/two`)).toEqual([]);
  });

  test("do not wait for one that fails while it copies", async () => {
    answer((command) =>
      command.startsWith("cp") && command.includes("/two/") ? { exitCode: 1, stderr: "no space" } : undefined,
    );
    const ended = await Promise.allSettled(["one", "two"].map((name) => link(name)));
    expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

/** Files of an OVA on their way into a machine's folder over SSH: what is tried again, what is not, and what then is there. */
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { draftName } from "../../../../provider/host/clone/clone-files.ts";
import { parseDatastorePath, toHostPath } from "../../../../provider/host/datastore/datastore-path.ts";
import { HostError } from "../../../../provider/host/host-error.ts";
import { DiskSender, type DiskToSend, KILLED } from "../../../../provider/host/import/send-disks.ts";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import type { EsxiShell } from "../../../../provider/ssh/commands/esxi-shell.ts";
import type { FaultRule } from "../../../../simulator/index.ts";
import { diskFile } from "../../../support/ova-builder.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { ownFolder } from "../own-folder.ts";

const MIB = 2 ** 20;
const STOP = new Error("^C");
const MARK = { urn: "urn", digest: "digest" };
const usual = { ...KILLED };

let lab: Lab;
let shell: EsxiShell;
let source: OvaSource;
let count = 0;
/** A folder of each test's own. */
let root = "";

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  shell = await shellOf(lab.host).open();
  const files = [
    diskFile("a.vmdk", { seed: 1 }),
    diskFile("b.vmdk", { seed: 2 }),
    { href: "large.iso", content: Buffer.alloc(3 * MIB, 1) },
    { href: "packed.iso", content: Buffer.alloc(2 * MIB, 2), compression: "gzip" as const },
  ];
  source = await openOvaSource(await lab.ova({ files }));
});

afterAll(async () => {
  await source.close();
  await lab.close();
});

beforeEach(async () => {
  Object.assign(KILLED, { pauseMs: 0 });
  lab.said.length = 0;
  root = `[datastore1] sent${count++}`;
  await mkdir(local(root));
});

afterEach(() => {
  Object.assign(KILLED, usual);
  vi.restoreAllMocks();
  lab.raw.simulator.faults.clear();
});

const { local, at, files } = ownFolder(() => ({ lab, root }));

function fileOf(href: string) {
  const file = source.files.find((each) => each.href === href);
  if (file === undefined) throw new Error(`no ${href}`);
  return file;
}

/** A disk of one mebibyte, unless another size is said; of no file for an empty one. */
const disk = (index: number, href?: string, more: Partial<DiskToSend> = {}): DiskToSend => ({
  file: href === undefined ? undefined : fileOf(href),
  index,
  sizeMb: 1,
  format: "thin",
  name: `vm_${index}.vmdk`,
  ...more,
});

function send(
  disks: readonly DiskToSend[],
  {
    images = [],
    signal,
    host = lab.host,
  }: { images?: string[]; signal?: AbortSignal; host?: Lab["host"] } = {},
): Promise<void> {
  const { progress, signal: never } = lab.context();
  const options = { signal: signal ?? never, onStatus: progress.status, onWarning: progress.warn };
  const sender = new DiskSender(
    host,
    shell,
    { source, mark: MARK, folder: parseDatastorePath(root) },
    options,
  );
  const others = images.map((href) => ({ file: fileOf(href), path: toHostPath(at(href)) }));
  return sender.send(disks, others);
}

/** Makes commands with that text end so; counts those that come. */
function commands(
  entity: string,
  rule: Omit<FaultRule, "method" | "entity"> = { action: "continue" },
): () => number {
  const { faults, requests } = lab.raw.simulator;
  requests.clear();
  faults.add({ method: "ssh.exec", entity, ...rule });
  return () => requests.entries().filter(({ target }) => target.includes(entity)).length;
}

const KILL = { status: 137, stderr: "Killed\n" };

describe("disks of an OVA", () => {
  test("have their own names, once they are whole, beside an empty one; nothing else is left", async () => {
    await send([disk(0, "a.vmdk"), disk(1), disk(2, "b.vmdk")], { images: ["packed.iso"] });
    const disks = [0, 1, 2].flatMap((index) => [`vm_${index}-flat.vmdk`, `vm_${index}.vmdk`]);
    expect(await files()).toEqual(["packed.iso", ...disks]);
    expect(lab.texts("warn")).toEqual([]);
    expect(lab.texts("status").join()).toContain("making disk 1 of 3 of a.vmdk: 100%");
  });

  test("grow to what the descriptor says, and only where they are smaller", async () => {
    const grown = commands("'-X'");
    await send([disk(0, "a.vmdk")]);
    expect(grown()).toBe(0);
    await send([disk(1, "b.vmdk", { sizeMb: 3 })]);
    expect(grown()).toBe(1);
    expect(lab.texts("status").join()).toContain("making the disk of b.vmdk: 100%");
  });

  test("are made by a few tools at once, and none is waited for by a run that is stopped", async () => {
    const host = lab.connect({ maxCopies: 1 });
    let release = () => {};
    const { signal: never } = new AbortController();
    const other = host.copies.run(() => new Promise<void>((resolve) => (release = resolve)), never);
    const run = new AbortController();
    const [made, copied] = [commands("'-c'"), commands("'-i'")];
    const sending = failure(send([disk(0, "a.vmdk"), disk(1)], { host, signal: run.signal }));
    await expect.poll(files).toContain("pulumi-uploading-0.vmdk");
    run.abort(STOP);
    expect(await sending).toBe(STOP);
    release();
    await other;
    expect([made(), copied()]).toEqual([0, 0]);
  });
});

describe("a tool for disks that the host has killed", () => {
  test("is run again, after what it left was removed", async () => {
    const left = draftName(MARK, 0);
    const runs = commands("'-i'", {
      count: 3,
      action: KILL,
      onWork: async (moment) => {
        if (moment === "after") return;
        for (const name of [left, left.replace(".vmdk", "-flat.vmdk")])
          await writeFile(local(`${root}/${name}`), "half");
      },
    });
    await send([disk(0, "a.vmdk")]);
    expect(runs()).toBe(4);
    expect(await files()).toEqual(["vm_0-flat.vmdk", "vm_0.vmdk"]);
  });

  test("is run four times at most", async () => {
    const runs = commands("'-i'", { action: KILL });
    expect((await failure(send([disk(0, "a.vmdk")]))).message).toMatch(/Killed$/);
    expect(runs()).toBe(4);
  });

  test("is not waited for by a run that is stopped", async () => {
    Object.assign(KILLED, { pauseMs: 600_000 });
    const run = new AbortController();
    const removed = commands(`'rm'`);
    const runs = commands("'-i'", { action: KILL });
    const sending = failure(send([disk(0, "a.vmdk")], { signal: run.signal }));
    await expect.poll(removed).toBe(1);
    run.abort(STOP);
    expect(await sending).toBe(STOP);
    expect(runs()).toBe(1);
  });

  test.each([
    ["has no room", "Failed to clone disk: No space left on device (1835017).", /datastore is full/],
    [
      "takes the file for no disk",
      "Failed to open 'a': Not a virtual disk (15).",
      /Get it again, or convert it/,
    ],
  ])("is run once where it %s", async (_, stderr, said) => {
    const runs = commands("'-i'", { action: { status: 1, stderr } });
    expect((await failure(send([disk(0, "a.vmdk")]))).message).toMatch(said);
    expect(runs()).toBe(1);
  });
});

describe("a transfer that fails", () => {
  test("ends the others, and its error is told when they have ended", async () => {
    commands("pulumi-uploading-1", { action: "hang" });
    commands("'-i'", { action: { status: 1, stderr: "Failed to open 'a': Not a virtual disk (15)." } });
    expect(await failure(send([disk(0, "a.vmdk"), disk(1, "b.vmdk")]))).toBeInstanceOf(HostError);
  });

  test("is told though all the others came to their end", async () => {
    const renamed = commands("'-E'");
    commands("'-i'", {
      action: { status: 1, stderr: "Failed to open 'a': Not a virtual disk (15)." },
      onWork: (moment) => (moment === "before" ? expect.poll(renamed).toBe(1) : undefined),
    });
    expect(await failure(send([disk(0, "a.vmdk"), disk(1)]))).toBeInstanceOf(HostError);
    expect(await files()).toContain("vm_1.vmdk");
  });

  test("is counted anew when it is sent again", async () => {
    commands("large.iso", { atByte: 2.5 * MIB, count: 1, action: "disconnect" });
    await send([], { images: ["large.iso"] });
    expect(lab.texts("warn")).toHaveLength(1);
    const percents = lab.texts("status").map((text) => Number(/^uploading (\d+)%/.exec(text)?.[1]));
    expect(percents.slice(-3)).toEqual([33, 66, 99]);
  });

  test("of a packed file is counted by what is stored", async () => {
    await send([], { images: ["packed.iso"] });
    const percents = lab.texts("status").map((text) => Number(/^uploading (\d+)%/.exec(text)?.[1]));
    expect([percents[0], percents[3], percents.at(-1)]).toEqual([12, 50, 99]);
  });
});

test("a disk that was made when the run was stopped does not get its name", async () => {
  const run = new AbortController();
  commands("'-c'", {
    action: "continue",
    onWork: (moment) => (moment === "after" ? run.abort(STOP) : undefined),
  });
  const renamed = commands("'-E'");
  expect(await failure(send([disk(0)], { signal: run.signal }))).toBe(STOP);
  expect(renamed()).toBe(0);
});

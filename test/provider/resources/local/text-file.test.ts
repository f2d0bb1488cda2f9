import fs, { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Context, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";
import { digestOf } from "../../../../provider/resources/local/local-file.ts";
import { textFile } from "../../../../provider/resources/local/text-file.lifecycle.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { Managed } from "../managed.ts";

let folder: TemporaryFolder;
const told: string[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  told.length = 0;
});
afterEach(() => folder.remove());

const context = (isRefresh = false): Context => ({
  progress: { status: () => {}, info: (text) => void told.push(text), warn: (text) => void told.push(text) },
  signal: new AbortController().signal,
  projectFolder: folder.path,
  isRefresh,
  host: () => {
    throw new Error("a file of this machine asks no host");
  },
});

const file = (name = "it") => new Managed({ context: () => context() }, "TextFile", textFile, name);
const at = (name: string) => join(folder.path, name);
const asked = { path: "out/lab.dhcp", content: "one\n" };
const reasons = async (settings: Properties) =>
  (await file().check(settings)).failures.map(({ property, reason }) => `${property}: ${reason}`);

test("is written with its mode in folders that are made, changes in place, and is removed alone", async () => {
  const state = await file().create({ ...asked, mode: "0640" });
  expect(state).toMatchObject({
    id: asked.path,
    outs: { path: asked.path, sha256: digestOf("one\n"), mode: "640" },
  });
  expect(JSON.stringify(state.outs)).not.toContain("one");
  expect(await readFile(at(asked.path), "utf8")).toBe("one\n");
  expect((await stat(at(asked.path))).mode & 0o777).toBe(0o640);
  expect(await file().diff(state, { ...asked, mode: "640" })).toMatchObject({ changes: false });
  expect(told).toEqual([]);

  const change = { path: asked.path, content: "two: é\n", mode: "600" };
  expect(await file().diff(state, change)).toMatchObject({ changes: true, replaces: [] });
  expect(told).toEqual(["update in place: content, mode 640 → 600"]);
  const later = await file().update(state, change);
  expect(await readFile(at(asked.path), "utf8")).toBe("two: é\n");
  expect((await stat(at(asked.path))).mode & 0o777).toBe(0o600);
  expect(await file().diff(later, { ...change, path: "other" })).toMatchObject({ replaces: ["path"] });

  await folder.write("out/someone's", "else");
  await file().delete(later);
  expect(await readdir(at("out"))).toEqual(["someone's"]);
  await file().delete(later);
});

test("another mode alone leaves the content as it is", async () => {
  const state = await file().create(asked);
  await file().update(state, { ...asked, mode: "600" });
  expect((await stat(at(asked.path))).mode & 0o777).toBe(0o600);
});

test("what is there already is not overwritten, unless it is the very same", async () => {
  await folder.write(asked.path, "somebody's\n");
  await expect(file().create(asked)).rejects.toThrow(/lab\.dhcp on this machine already.*not overwritten/);
  expect(await readFile(at(asked.path), "utf8")).toBe("somebody's\n");
  await mkdir(at("a-folder"));
  await expect(file().create({ ...asked, path: "a-folder" })).rejects.toThrow(/already/);
  await folder.write("real", "one\n");
  await symlink(at("real"), at("link"));
  await expect(file().create({ ...asked, path: "link" })).rejects.toThrow(/already/);
  await expect(file().create({ ...asked, path: "real/below" })).rejects.toThrow(
    /Cannot write the file .*below/,
  );

  await writeFile(at(asked.path), "one\n");
  await chmod(at(asked.path), 0o600);
  await file().create(asked);
  expect((await stat(at(asked.path))).mode & 0o777).toBe(0o644);
});

test("a refresh sees what somebody has changed or removed, and only then it is written again", async () => {
  const state = await file().create(asked);
  expect(await file().read(state)).toEqual(state);
  await writeFile(at(asked.path), "edited\n");
  await expect(file().update(state, { ...asked, content: "two\n" })).rejects.toThrow(
    /Somebody has changed .*refresh/,
  );
  await expect(file().delete(state)).rejects.toThrow(/not deleted.*refresh/);
  expect(await readFile(at(asked.path), "utf8")).toBe("edited\n");

  const seen = await file().read(state);
  if (seen === undefined) throw new Error("it is there");
  expect(seen.outs).toMatchObject({ sha256: digestOf("edited\n") });
  await textFile.diff(seen.id, seen.outs, state.inputs, context(true));
  expect(told).toEqual(["changed on this machine: content"]);
  expect(await file().diff(seen, asked)).toMatchObject({ changes: true, replaces: [] });
  const again = await file().update(seen, asked);
  expect(await readFile(at(asked.path), "utf8")).toBe("one\n");

  await folder.remove();
  expect(await file().read(again)).toBe(undefined);
});

test("ignoreChanges leaves the content to whoever edits it", async () => {
  const ignoring = { ...asked, __ignoreChanges: ["content"] };
  const state = await file().create(ignoring);
  await writeFile(at(asked.path), "edited\n");
  const seen = await file().read(state);
  if (seen === undefined) throw new Error("it is there");
  expect(await file().diff(seen, ignoring)).toMatchObject({ changes: false });
  const later = await file().update(seen, { ...ignoring, mode: "600" });
  expect(later.outs).toMatchObject({ sha256: digestOf("edited\n"), mode: "600" });
  expect(await readFile(at(asked.path), "utf8")).toBe("edited\n");
  expect((await stat(at(asked.path))).mode & 0o777).toBe(0o600);
});

describe("on a file system without links", () => {
  const { link, open: openFile } = fs;
  /** What happens when the new file is to get its name. */
  let meanwhile = async () => {};

  beforeEach(() => {
    meanwhile = async () => {};
    fs.link = async () => {
      await meanwhile();
      throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
    };
    syncBuiltinESMExports();
  });

  afterEach(() => {
    Object.assign(fs, { link, open: openFile });
    syncBuiltinESMExports();
  });

  test("a new file is written too", async () => {
    await file().create(asked);
    expect(await readFile(at(asked.path), "utf8")).toBe("one\n");
    expect(await readdir(at("out"))).toEqual(["lab.dhcp"]);
  });

  test("a file that somebody makes meanwhile is not overwritten", async () => {
    meanwhile = () => folder.write(asked.path, "somebody's\n").then(() => {});
    await expect(file().create(asked)).rejects.toThrow(/Cannot write the file .*lab\.dhcp.*EEXIST/);
    expect(await readFile(at(asked.path), "utf8")).toBe("somebody's\n");
    expect(await readdir(at("out"))).toEqual(["lab.dhcp"]);
  });

  test("any other trouble with links is told, and leaves nothing", async () => {
    fs.link = () => Promise.reject(Object.assign(new Error("EIO: i/o error, link"), { code: "EIO" }));
    syncBuiltinESMExports();
    await expect(file().create(asked)).rejects.toThrow(/EIO/);
    expect(await readdir(at("out"))).toEqual([]);
  });
});

test("what cannot be read or removed is not taken for gone, and nobody else may read a file before it is whole", async () => {
  const state = await file().create(asked);
  const { lstat, rm, open: openFile } = fs;
  const refuse = () =>
    Promise.reject(Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" }));
  const modes: unknown[] = [];
  try {
    Object.assign(fs, { lstat: refuse });
    syncBuiltinESMExports();
    await expect(file().read(state)).rejects.toThrow(/Cannot read the file .*lab\.dhcp.*EACCES/);
    Object.assign(fs, { lstat, rm: refuse });
    syncBuiltinESMExports();
    await expect(file().delete(state)).rejects.toThrow(/Cannot clear up beside the file .*EACCES/);
    Object.assign(fs, {
      rm,
      open: (...args: Parameters<typeof openFile>) => {
        modes.push(args[2]);
        return openFile(...args);
      },
    });
    syncBuiltinESMExports();
    await file().update(state, { ...asked, content: "two\n" });
  } finally {
    Object.assign(fs, { lstat, rm, open: openFile });
    syncBuiltinESMExports();
  }
  expect(modes).toEqual([0o600]);
  expect(await readFile(at(asked.path), "utf8")).toBe("two\n");
});

test("a link that somebody puts in the way of the unfinished copy is not written through", async () => {
  const theirs = await folder.write("theirs", "somebody's\n");
  const { open: openFile } = fs;
  fs.open = async (...args) => {
    await symlink(theirs, String(args[0]));
    return openFile(...args);
  };
  syncBuiltinESMExports();
  try {
    await expect(file().create(asked)).rejects.toThrow(/EEXIST/);
  } finally {
    fs.open = openFile;
    syncBuiltinESMExports();
  }
  expect(await readFile(theirs, "utf8")).toBe("somebody's\n");
  expect(await readdir(at("out"))).toEqual([]);
});

test("a file that became a folder or a link is neither written nor deleted", async () => {
  const state = await file().create(asked);
  await rm(at(asked.path));
  await symlink(await folder.write("real", "one\n"), at(asked.path));
  const seen = await file().read(state);
  if (seen === undefined) throw new Error("it is there");
  expect(seen.outs.sha256).toBe("");
  for (const known of [state, seen]) {
    await expect(file().update(known, { ...asked, content: "two\n" })).rejects.toThrow(
      /no plain file any more/,
    );
    await expect(file().delete(known)).rejects.toThrow(/no plain file any more, so it is not deleted/);
  }
  expect(await readFile(at("real"), "utf8")).toBe("one\n");
});

test("what cannot be a file is an error of the preview", async () => {
  expect(await reasons({ path: "~/x", content: 4, mode: "rw" })).toEqual([
    "path: ~ means a home folder in a shell only: write the whole path",
    "content: must be a text, not a number: put it in quotes",
    'mode: must be three octal digits in quotes, such as "640"',
  ]);
  expect(await reasons({ path: "out/", content: "\ud800", mode: "044" })).toEqual([
    "path: must name a file, not a folder",
    "content: has half a character (a lone surrogate), which UTF-8 cannot hold",
    "mode: must let you read the file: its first digit is 4, 5, 6 or 7",
  ]);
  expect(await reasons({ path: "a" })).toEqual(["content: is required"]);
  const { inputs, failures } = await file().check({ path: "a", content: UNKNOWN });
  expect([inputs.sha256, failures]).toEqual([UNKNOWN, []]);
});

describe("a process that is killed", () => {
  const state = (content: string) => ({ ...asked, content });

  test.for(["mkdir", "open", "half", "link"])(
    "at %s of a new file leaves none, and the next run makes it",
    async (step) => {
      await killedAt(step, `create(${JSON.stringify(await file().inputs(asked))}`);
      expect(await there()).toBe(undefined);
      await file().create(asked);
      expect(await readdir(at("out"))).toEqual(["lab.dhcp"]);
      expect(await there()).toBe("one\n");
    },
  );

  test.for(["rm", "open", "half", "rename"])("at %s of a change leaves the old content", async (step) => {
    const old = await file().create(asked);
    const news = await file().inputs(state("two\n"));
    await killedAt(step, `update(${[old.id, old.outs, news].map((one) => JSON.stringify(one)).join()}`);
    expect(await there()).toBe("one\n");
    await file().update(old, state("three\n"));
    expect(await readdir(at("out"))).toEqual(["lab.dhcp"]);
    expect(await there()).toBe("three\n");
  });

  test("right after a new file got its name leaves it, and the next run clears up beside it", async () => {
    await killedAt("afterLink", `create(${JSON.stringify(await file().inputs(asked))}`);
    expect(await readdir(at("out"))).toHaveLength(2);
    await file().create(asked);
    expect(await readdir(at("out"))).toEqual(["lab.dhcp"]);
    expect(await there()).toBe("one\n");
  });

  test("right after a change leaves the new content, and the next run takes it for its own", async () => {
    const old = await file().create(asked);
    const news = await file().inputs(state("two\n"));
    await killedAt(
      "afterRename",
      `update(${[old.id, old.outs, news].map((one) => JSON.stringify(one)).join()}`,
    );
    expect(await there()).toBe("two\n");
    await file().update(old, state("two\n"));
    expect(await there()).toBe("two\n");
  });

  const there = () => readFile(at(asked.path), "utf8").catch(() => undefined);
});

/** Runs one operation in a process of its own, which is killed when it comes to that call. */
async function killedAt(step: string, call: string): Promise<void> {
  const { spawnSync } = await import("node:child_process");
  const lifecycle = new URL("../../../../provider/resources/local/text-file.lifecycle.ts", import.meta.url);
  const program = `
    import fs from "node:fs/promises";
    import { syncBuiltinESMExports } from "node:module";
    const die = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
    const { link, open, rename } = fs;
    const step = ${JSON.stringify(step)};
    if (step === "half") fs.open = async (...args) => {
      const handle = await open(...args);
      handle.writeFile = async (text) => { await handle.write(text.slice(0, 2)); return die(); };
      return handle;
    };
    else if (step === "afterRename") fs.rename = async (...args) => { await rename(...args); return die(); };
    else if (step === "afterLink") fs.link = async (...args) => { await link(...args); return die(); };
    else fs[step] = die;
    syncBuiltinESMExports();
    const { textFile } = await import(${JSON.stringify(lifecycle.href)});
    const context = { projectFolder: ${JSON.stringify(folder.path)}, progress: { status() {}, info() {}, warn() {} } };
    await textFile.${call}, context);
  `;
  const { signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  expect(signal, stderr).toBe("SIGKILL");
}

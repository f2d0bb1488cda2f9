/** `ls` and `stat`: facts about files. */
import { baseName } from "../../datastore/path.ts";
import { takeOptions } from "../command-options.ts";
import type { FileStatus, Place } from "../files.ts";
import { FilesError } from "../files-error.ts";
import { matches } from "../glob.ts";
import type { Invocation, ShellCommand } from "../invocation.ts";
import { badOption } from "./bad-option.ts";

/** @param masksNames whether `ls` prints a question mark for each byte that is not ASCII */
export const listCommands = (masksNames: boolean): Readonly<Record<string, ShellCommand>> => ({
  ls: (call) => ls(masksNames ? { ...call, stdout: (text) => call.stdout(masked(text)) } : call),
  find,
  stat,
  du,
});

const masked = (text: string | Uint8Array): string =>
  Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[\u0080-\u00ff]/g, "?");

/**
 * `find FOLDER… -maxdepth N [-name PATTERN]`: the folders and their entries, as they are. As with BusyBox, a link to a
 * folder is an entry, and a slash behind its name makes it a folder. What cannot be read does not end the search.
 */
async function find(call: Invocation): Promise<number> {
  const at = call.args.findIndex((word) => word.startsWith("-"));
  const folders = at < 0 ? call.args : call.args.slice(0, at);
  const [option, depth = "", name, pattern, ...rest] = at < 0 ? [] : call.args.slice(at);
  const isKnown = option === "-maxdepth" && /^\d+$/.test(depth) && rest.length === 0;
  const isNamed = name === "-name" && pattern !== undefined;
  if (!isKnown || (name !== undefined && !isNamed)) return await badOption(call, "find", option ?? "");
  const { files, cwd } = call.shell;
  const isMeant = (name: string) => !isNamed || matches(pattern, name);
  let status = 0;
  const walk = async (path: string, deep: number): Promise<void> => {
    try {
      const place = files.place(cwd, path);
      const found = await files.status(place);
      if (found === undefined) throw new FilesError("ENOENT");
      if (isMeant(baseName(path))) await call.stdout(`${path}\n`);
      if (found.kind !== "directory" || deep === 0 || files.linkTarget(path) !== undefined) return;
      const start = path.endsWith("/") ? path : `${path}/`;
      for (const each of await files.list(place)) await walk(`${start}${each}`, deep - 1);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      await call.stderr(`find: ${path}: ${error.message}\n`);
      status = 1;
    }
  };
  for (const folder of folders.length === 0 ? ["."] : folders) await walk(folder, Number(depth));
  return status;
}

async function ls(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "1alnAdhtrpF");
  if (unknown) return await badOption(call, "ls", unknown);
  const { files, cwd } = call.shell;
  const paths = operands.length === 0 ? ["."] : operands;
  const line = async (name: string, place: Place, shown: string): Promise<void> => {
    const target = files.linkTarget(`${place.path.replace(/\/[^/]*$/, "")}/${name}`);
    if (!values.has("l") && !values.has("n")) return void (await call.stdout(`${shown}\n`));
    const found = await files.status(place);
    if (found === undefined) return;
    const status: FileStatus =
      target === undefined ? found : { ...found, kind: "link", sizeBytes: target.length };
    await call.stdout(
      `${longLine(status, values.has("n") ? "0" : "root")} ${shown}${target === undefined ? "" : ` -> ${target}`}\n`,
    );
  };
  let status = 0;
  for (const path of paths) {
    try {
      const place = files.place(cwd, path);
      const found = await files.status(place);
      if (found === undefined) throw new FilesError("ENOENT");
      if (found.kind === "directory" && !values.has("d")) {
        if (paths.length > 1) await call.stdout(`${path}:\n`);
        const all = values.has("a") || values.has("A");
        for (const name of await files.list(place)) {
          if (name.startsWith(".") && !all) continue;
          await line(name, files.place("/", `${place.path}/${name}`), name);
        }
      } else await line(baseName(path), place, path);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      await call.stderr(`ls: ${path}: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

const KINDS = { file: "-rw-------", directory: "drwxr-xr-x", link: "lrwxr-xr-x" } as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function longLine({ kind, sizeBytes, modified }: FileStatus, owner: string): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${MONTHS[modified.getUTCMonth()]} ${String(modified.getUTCDate()).padStart(2)}`;
  const time = `${two(modified.getUTCHours())}:${two(modified.getUTCMinutes())}`;
  return `${KINDS[kind]}    1 ${owner.padEnd(8)} ${owner.padEnd(5)} ${String(sizeBytes).padStart(12)} ${day} ${time}`;
}

const FIELDS: Readonly<Record<string, (status: FileStatus, path: string) => string | number>> = {
  s: ({ sizeBytes }) => sizeBytes,
  n: (_status, path) => path,
  b: ({ allocatedBytes }) => Math.ceil(allocatedBytes / 512),
  B: () => 512,
  F: ({ kind }) => (kind === "file" ? "regular file" : kind === "link" ? "symbolic link" : "directory"),
  a: ({ kind }) => (kind === "file" ? "600" : "755"),
  Y: ({ modified }) => Math.floor(modified.getTime() / 1000),
  y: ({ modified }) => modified.toISOString().replace("T", " ").replace("Z", "000000 +0000"),
  U: () => "root",
  "%": () => "%",
};

async function stat(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "c:tLf");
  if (unknown || operands.length === 0) return await badOption(call, "stat", unknown);
  const { files, cwd } = call.shell;
  let result = 0;
  for (const path of operands) {
    const found = await lookUp(call, path);
    if (found === undefined) {
      await call.stderr(`stat: can't stat '${path}': No such file or directory\n`);
      result = 1;
      continue;
    }
    const absolute = files.real("/", cwd) === "/" ? path : `${cwd}/${path}`;
    const target = values.has("L") ? undefined : files.linkTarget(path.startsWith("/") ? path : absolute);
    const status: FileStatus =
      target === undefined ? found : { ...found, kind: "link", sizeBytes: target.length };
    const format = values.get("c") ?? "  File: %n\n  Size: %s\tBlocks: %b\t%F\nModify: %y";
    await call.stdout(
      `${format.replace(/%(.)/g, (whole, letter: string) => String(FIELDS[letter]?.(status, path) ?? whole))}\n`,
    );
  }
  return result;
}

async function lookUp({ shell: { files, cwd } }: Invocation, path: string): Promise<FileStatus | undefined> {
  try {
    return await files.status(files.place(cwd, path));
  } catch (error) {
    if (error instanceof FilesError) return undefined;
    throw error;
  }
}

/** The size that files take, in KiB. For a thin disk, that is less than its length. */
async function du(call: Invocation): Promise<number> {
  const { operands } = takeOptions(call.args, "skhma");
  const { files, cwd } = call.shell;
  const total = async (place: Place): Promise<number> => {
    const found = await files.status(place);
    if (found === undefined) throw new FilesError("ENOENT");
    if (found.kind !== "directory") return found.allocatedBytes;
    let sum = 0;
    for (const name of await files.list(place)) sum += await total(files.place("/", `${place.path}/${name}`));
    return sum;
  };
  let result = 0;
  for (const path of operands.length === 0 ? ["."] : operands) {
    try {
      await call.stdout(`${Math.ceil((await total(files.place(cwd, path))) / 1024)}\t${path}\n`);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      await call.stderr(`du: ${path}: ${error.message}\n`);
      result = 1;
    }
  }
  return result;
}

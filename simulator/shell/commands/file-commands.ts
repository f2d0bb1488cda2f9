/** Commands for files and folders, with busybox's messages. */
import { baseName, parentFolder } from "../../datastore/path.ts";
import { takeOptions } from "../command-options.ts";
import type { HostFiles, Place } from "../files.ts";
import { FilesError } from "../files-error.ts";
import type { Invocation, RunningShell, ShellCommand } from "../invocation.ts";
import { noInput } from "../io.ts";
import { badOption } from "./bad-option.ts";

export const fileCommands: Readonly<Record<string, ShellCommand>> = {
  mkdir,
  rmdir,
  rm,
  mv,
  cp,
  touch,
  readlink,
};

/** Runs `work` for each operand. If one fails, this is reported, and the others still get their turn. */
async function each(
  { stderr }: Invocation,
  operands: readonly string[],
  say: (operand: string, error: FilesError) => string,
  work: (operand: string) => Promise<void>,
): Promise<number> {
  let status = 0;
  for (const operand of operands) {
    try {
      await work(operand);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      await stderr(`${say(operand, error)}\n`);
      status = 1;
    }
  }
  return status;
}

async function mkdir(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "pm:", { parents: "p" });
  if (unknown || operands.length === 0) return await badOption(call, "mkdir", unknown);
  const { files, cwd } = call.shell;
  const say = (path: string, { message }: FilesError): string =>
    `mkdir: can't create directory '${path}': ${message}`;
  return await each(call, operands, say, async (path) => {
    const place = files.place(cwd, path);
    if (values.has("p")) await makeParents(files, place.path);
    else await files.makeDirectory(place);
  });
}

async function makeParents(files: HostFiles, path: string): Promise<void> {
  const place = files.place("/", path);
  const found = await files.status(place);
  if (found?.kind === "file") throw new FilesError("EEXIST");
  if (found !== undefined) return;
  await makeParents(files, parentFolder(path) || "/");
  await files.makeDirectory(place);
}

async function rmdir(call: Invocation): Promise<number> {
  const { operands, unknown } = takeOptions(call.args, "");
  if (unknown || operands.length === 0) return await badOption(call, "rmdir", unknown);
  const { files, cwd } = call.shell;
  return await each(
    call,
    operands,
    (path, { message }) => `rmdir: '${path}': ${message}`,
    async (path) => {
      const place = files.place(cwd, path);
      if ((await files.status(place))?.kind === "file") throw new FilesError("ENOTDIR");
      await files.remove(place, false);
    },
  );
}

async function rm(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "rRfi");
  if (unknown) return await badOption(call, "rm", unknown);
  const { files, cwd } = call.shell;
  const recursive = values.has("r") || values.has("R");
  return await each(
    call,
    operands,
    (path, { code, message }) =>
      code === "EISDIR" ? `rm: '${path}' is a directory` : `rm: can't remove '${path}': ${message}`,
    async (path) => {
      const place = files.place(cwd, path);
      const found = await files.status(place);
      if (found === undefined && values.has("f")) return;
      if (found?.kind === "directory" && !recursive) throw new FilesError("EISDIR");
      await files.remove(place, recursive);
    },
  );
}

async function mv(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "fin");
  if (unknown || operands.length < 2) return await badOption(call, "mv", unknown);
  const { files, cwd } = call.shell;
  const target = operands.at(-1) ?? "";
  return await each(
    call,
    operands.slice(0, -1),
    (path, { message }) => `mv: can't rename '${path}': ${message}`,
    async (path) => {
      const from = files.place(cwd, path);
      const to = await into(call.shell, from, target);
      if (values.has("n") && (await files.status(to))) return;
      if (await files.rename(from, to)) return;
      await copy(files, from, to, true);
      await files.remove(from, true);
    },
  );
}

async function cp(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "rRapfi");
  if (unknown || operands.length < 2) return await badOption(call, "cp", unknown);
  const { files, cwd } = call.shell;
  const target = operands.at(-1) ?? "";
  const recursive = values.has("r") || values.has("R") || values.has("a");
  return await each(
    call,
    operands.slice(0, -1),
    (path, { code, message }) =>
      code === "EISDIR" ? `cp: omitting directory '${path}'` : `cp: can't stat '${path}': ${message}`,
    async (path) => {
      const from = files.place(cwd, path);
      await copy(files, from, await into(call.shell, from, target), recursive);
    },
  );
}

/** If the target is a folder, the source goes into it under its own name. */
async function into({ files, cwd }: RunningShell, from: Place, target: string): Promise<Place> {
  const place = files.place(cwd, target);
  if ((await files.status(place))?.kind !== "directory") return place;
  return files.place("/", `${place.path}/${baseName(from.path)}`);
}

async function copy(files: HostFiles, from: Place, to: Place, recursive: boolean): Promise<void> {
  const found = await files.status(from);
  if (found === undefined) throw new FilesError("ENOENT");
  if (found.kind !== "directory") return await files.write(to, await files.read(from), false);
  if (!recursive) throw new FilesError("EISDIR");
  if ((await files.status(to)) === undefined) await files.makeDirectory(to);
  for (const name of await files.list(from))
    await copy(files, files.place("/", `${from.path}/${name}`), files.place("/", `${to.path}/${name}`), true);
}

async function touch(call: Invocation): Promise<number> {
  const { files, cwd } = call.shell;
  return await each(
    call,
    takeOptions(call.args, "cam").operands,
    (path, { message }) => `touch: ${path}: ${message}`,
    async (path) => await files.write(files.place(cwd, path), noInput(), true),
  );
}

async function readlink(call: Invocation): Promise<number> {
  const { values, operands } = takeOptions(call.args, "fn");
  const { files, cwd } = call.shell;
  const [path = ""] = operands;
  if (values.has("f")) {
    await call.stdout(`${files.real(cwd, path)}\n`);
    return 0;
  }
  const target = files.linkTarget(path);
  if (target === undefined) return 1;
  await call.stdout(`${target}\n`);
  return 0;
}

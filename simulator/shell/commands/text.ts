/** Commands that write and search text. */
import { createHash } from "node:crypto";
import { baseName, parentFolder } from "../../datastore/path.ts";
import { takeOptions } from "../command-options.ts";
import { FilesError } from "../files-error.ts";
import type { Invocation, ShellCommand } from "../invocation.ts";
import { readAll } from "../io.ts";
import { badOption } from "./bad-option.ts";

export const textCommands: Readonly<Record<string, ShellCommand>> = {
  echo,
  printf,
  cat,
  head,
  wc,
  grep,
  md5sum: (call) => checksum(call, "md5"),
  sha1sum: (call) => checksum(call, "sha1"),
  sha256sum: (call) => checksum(call, "sha256"),
  true: () => 0,
  false: () => 1,
  sync: () => 0,
  pwd: async ({ stdout, shell }) => await said(stdout(`${shell.cwd}\n`)),
  hostname: async ({ stdout }) => await said(stdout("localhost.localdomain\n")),
  basename: async ({ stdout, args }) => {
    const name = baseName(args[0] ?? "");
    return await said(
      stdout(`${args[1] && name.endsWith(args[1]) ? name.slice(0, -args[1].length) : name}\n`),
    );
  },
  dirname: async ({ stdout, args }) => await said(stdout(`${parentFolder(args[0] ?? "") || "."}\n`)),
};

async function said(done: void | Promise<void>): Promise<number> {
  await done;
  return 0;
}

async function echo({ args, stdout }: Invocation): Promise<number> {
  const [, flags] = /^-([neE]+)$/.exec(args[0] ?? "") ?? [];
  const words = (flags === undefined ? args : args.slice(1)).join(" ");
  await stdout(`${flags?.includes("e") ? escapes(words) : words}${flags?.includes("n") ? "" : "\n"}`);
  return 0;
}

async function printf({ args, stdout }: Invocation): Promise<number> {
  const [format = "", ...values] = args;
  const queue = [...values];
  do {
    const text = escapes(format).replace(/%([sd%])/g, (_, kind: string) =>
      kind === "%" ? "%" : (queue.shift() ?? ""),
    );
    await stdout(text);
  } while (queue.length > 0 && /%[sd]/.test(format));
  return 0;
}

function escapes(text: string): string {
  const known: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
  return text.replace(/\\(.)/gs, (whole, letter: string) => known[letter] ?? whole);
}

/** Each file's content, or standard input's. A file that cannot be read is reported. @returns the exit status */
async function inputs(
  call: Invocation,
  command: string,
  paths: readonly string[],
  use: (source: AsyncIterable<Uint8Array>, path: string) => Promise<void>,
): Promise<number> {
  const { files, cwd } = call.shell;
  let status = 0;
  for (const path of paths.length === 0 ? ["-"] : paths) {
    try {
      await use(path === "-" ? call.stdin : await files.read(files.place(cwd, path)), path);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      const problem = error.code === "EISDIR" ? `read error` : `can't open '${path}'`;
      await call.stderr(`${command}: ${problem}: ${error.message}\n`);
      status = 1;
    }
  }
  return status;
}

async function cat(call: Invocation): Promise<number> {
  const { operands, unknown } = takeOptions(call.args, "u");
  if (unknown) return await badOption(call, "cat", unknown);
  return await inputs(call, "cat", operands, async (source) => {
    for await (const chunk of source) await call.stdout(chunk);
  });
}

async function head(call: Invocation): Promise<number> {
  const { values, operands } = takeOptions(call.args, "n:c:");
  return await inputs(call, "head", operands, async (source) => {
    const content = await readAll(source);
    if (values.has("c")) return await call.stdout(content.subarray(0, Number(values.get("c"))));
    const lines = content.toString("latin1").split(/(?<=\n)/);
    await call.stdout(Buffer.from(lines.slice(0, Number(values.get("n") ?? 10)).join(""), "latin1"));
  });
}

async function wc(call: Invocation): Promise<number> {
  const { values, operands } = takeOptions(call.args, "lc");
  return await inputs(call, "wc", operands, async (source, path) => {
    const content = await readAll(source);
    const count = values.has("l") ? content.filter((byte) => byte === 10).length : content.length;
    await call.stdout(`${count}${path === "-" ? "" : ` ${path}`}\n`);
  });
}

async function checksum(call: Invocation, algorithm: string): Promise<number> {
  return await inputs(call, `${algorithm}sum`, call.args, async (source, path) => {
    const hash = createHash(algorithm);
    for await (const chunk of source) hash.update(chunk);
    await call.stdout(`${hash.digest("hex")}  ${path}\n`);
  });
}

async function grep(call: Invocation): Promise<number> {
  const { values, operands, unknown } = takeOptions(call.args, "iqvcFEe:");
  if (unknown) return await badOption(call, "grep", unknown);
  const [first = "", ...rest] = operands;
  const text = values.get("e") ?? first;
  const source = values.has("F") ? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : text;
  const pattern = new RegExp(source, values.has("i") ? "i" : "");
  let found = 0;
  const failed = await inputs(call, "grep", values.has("e") ? operands : rest, async (input) => {
    const lines = (await readAll(input)).toString("utf8").replace(/\n$/, "").split("\n");
    for (const line of lines) {
      if (pattern.test(line) === values.has("v")) continue;
      found += 1;
      if (!values.has("q") && !values.has("c")) await call.stdout(`${line}\n`);
    }
  });
  if (values.has("c")) await call.stdout(`${found}\n`);
  if (failed) return 2;
  return found > 0 ? 0 : 1;
}

/** Runs command lines as ESXi's busybox ash does. */

import { BUILT_IN } from "./built-in.ts";
import { type FileOutput, WriteError } from "./file-output.ts";
import type { HostFiles } from "./files.ts";
import { FilesError } from "./files-error.ts";
import { type Field, glob } from "./glob.ts";
import type { RunningShell, ShellCommand } from "./invocation.ts";
import { BrokenPipe, type Io, noInput, type Sink, toBytes } from "./io.ts";
import type { Word } from "./lexer.ts";
import { type Command, type List, type Pipeline, parse, type Redirect } from "./parser.ts";
import { ShellSyntaxError } from "./syntax-error.ts";

/** Ends the shell. */
class ExitShell extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

export class Shell implements RunningShell {
  readonly files: HostFiles;
  readonly #commands: ReadonlyMap<string, ShellCommand>;
  readonly variables: Map<string, string>;
  cwd: string;
  #status = 0;
  #endsOnError = false;

  constructor(files: HostFiles, commands: ReadonlyMap<string, ShellCommand>, from?: Shell) {
    this.files = files;
    this.#commands = commands;
    this.variables = new Map(
      from?.variables ?? [
        ["HOME", "/"],
        ["USER", "root"],
        ["PATH", "/bin:/sbin"],
      ],
    );
    this.cwd = from?.cwd ?? "/";
  }

  has(command: string): boolean {
    return BUILT_IN.has(command) || this.#commands.has(command);
  }

  /** Runs a whole command line. @returns its exit status */
  async run(text: string, io: Io): Promise<number> {
    let list: List;
    try {
      list = parse(text);
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error;
      await io.stderr(`sh: ${error.message}\n`);
      return 2;
    }
    try {
      return await this.#list(list, io);
    } catch (error) {
      if (error instanceof ExitShell) return error.status;
      if (error instanceof BrokenPipe) return 141;
      throw error;
    }
  }

  async #list(list: List, io: Io): Promise<number> {
    for (const [index, { after, pipeline }] of list.entries()) {
      if ((after === "&&" && this.#status !== 0) || (after === "||" && this.#status === 0)) continue;
      this.#status = await this.#pipeline(pipeline, io);
      const isTested = pipeline.negated || (list[index + 1]?.after ?? ";") !== ";";
      if (this.#endsOnError && this.#status !== 0 && !isTested) throw new ExitShell(this.#status);
    }
    return this.#status;
  }

  async #pipeline({ negated, commands }: Pipeline, io: Io): Promise<number> {
    let input: AsyncIterable<Uint8Array> = io.stdin;
    let status = 0;
    for (const [index, command] of commands.entries()) {
      const isLast = index === commands.length - 1;
      const output: Uint8Array[] = [];
      const stdout: Sink = isLast ? io.stdout : (data) => void output.push(toBytes(data));
      const runner = commands.length > 1 ? new Shell(this.files, this.#commands, this) : this;
      status = await runner.#command(command, { ...io, stdin: input, stdout });
      input = (async function* () {
        yield* output;
      })();
    }
    return negated ? Number(status === 0) : status;
  }

  async #command(command: Command, io: Io): Promise<number> {
    try {
      const redirected = await this.#redirect(command.redirects, io);
      return await this.#bare(command, redirected.io).finally(redirected.close);
    } catch (error) {
      if (!(error instanceof FilesError)) throw error;
      await io.stderr(`sh: ${error.message}\n`);
      return 1;
    }
  }

  async #bare(command: Command, io: Io): Promise<number> {
    if (command.kind === "group") {
      if (!command.subshell) return await this.#list(command.list, io);
      const inner = new Shell(this.files, this.#commands, this);
      return await inner.#list(command.list, io).catch((error: unknown) => {
        if (error instanceof ExitShell) return error.status;
        throw error;
      });
    }
    if (command.kind === "if") {
      for (const [condition, body] of command.branches) {
        if ((await this.#condition(condition, io)) === 0)
          return body.length === 0 ? 0 : await this.#list(body, io);
      }
      this.#status = 0;
      return await this.#list(command.otherwise, io);
    }
    if (command.kind === "for") {
      this.#status = 0;
      for (const value of await this.#expandAll(command.words, io)) {
        this.variables.set(command.variable, value);
        await this.#list(command.body, io);
      }
      return this.#status;
    }
    return await this.#simple(command, io);
  }

  async #condition(list: List, io: Io): Promise<number> {
    const before = this.#endsOnError;
    this.#endsOnError = false;
    const status = await this.#list(list, io);
    this.#endsOnError = before;
    return status;
  }

  async #simple(command: Extract<Command, { kind: "simple" }>, io: Io): Promise<number> {
    const [name, ...args] = await this.#expandAll(command.words, io);
    for (const [variable, value] of command.assignments)
      this.variables.set(variable, await this.#expandOne(value, io));
    if (name === undefined) return this.#status;
    const builtIn = BUILT_IN.get(name);
    if (builtIn) return await builtIn.call(this, args, io);
    const found = this.#commands.get(name.replace(/^\/(usr\/)?s?bin\//, ""));
    if (found === undefined) {
      await io.stderr(`sh: ${name}: not found\n`);
      return 127;
    }
    try {
      return await found({ ...io, args, shell: this });
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      await io.stderr(`${name}: write error: ${error.message}\n`);
      return 1;
    }
  }

  exit(status: number | undefined): never {
    throw new ExitShell(status ?? this.#status);
  }

  endOnError(yes: boolean): void {
    this.#endsOnError = yes;
  }

  async #redirect(redirects: readonly Redirect[], io: Io): Promise<{ io: Io; close: () => Promise<void> }> {
    let { stdin, stdout, stderr } = io;
    const outputs: FileOutput[] = [];
    for (const { file, operator, target } of redirects) {
      const name = await this.#expandOne(target, io);
      if (operator === "<") {
        if (name === "/dev/null") stdin = noInput();
        else stdin = await this.#openInput(name);
        continue;
      }
      let sink: Sink;
      if (operator === ">&") sink = name === "1" ? stdout : name === "2" ? stderr : () => undefined;
      else if (name === "/dev/null") sink = () => undefined;
      else {
        const output = await this.#openOutput(name, operator === ">>");
        outputs.push(output);
        sink = output.write;
      }
      if (file === 2) stderr = sink;
      else stdout = sink;
    }
    const close = async (): Promise<void> => {
      for (const output of outputs.splice(0)) await output.close();
    };
    return { io: { ...io, stdin, stdout, stderr }, close };
  }

  async #openInput(name: string): Promise<AsyncIterable<Uint8Array>> {
    try {
      return await this.files.read(this.files.place(this.cwd, name));
    } catch (error) {
      throw error instanceof FilesError ? new OpenError(`can't open ${name}`, error) : error;
    }
  }

  /** Makes the file at once, as a shell does before it runs the command. */
  async #openOutput(name: string, append: boolean): Promise<FileOutput> {
    try {
      return await this.files.open(this.files.place(this.cwd, name), append);
    } catch (error) {
      throw error instanceof FilesError ? new OpenError(`can't create ${name}`, error) : error;
    }
  }

  async #expandAll(words: readonly Word[], io: Io): Promise<string[]> {
    const found: string[] = [];
    for (const word of words)
      for (const field of await this.#fields(word, io))
        found.push(...(await glob(this.files, this.cwd, field)));
    return found;
  }

  async #expandOne(word: Word, io: Io): Promise<string> {
    let text = "";
    for (const part of word) text += await this.#value(part, io);
    return text;
  }

  async #value(part: Word[number], io: Io): Promise<string> {
    if (part.kind === "text") return part.text;
    if (part.kind === "variable") {
      if (part.name === "?") return String(this.#status);
      if (part.name === "$") return "2099152";
      if (part.name === "#") return "0";
      return this.variables.get(part.name) ?? "";
    }
    const output: Uint8Array[] = [];
    const inner = new Shell(this.files, this.#commands, this);
    this.#status = await inner.run(part.command, {
      stdin: noInput(),
      stdout: (data) => void output.push(toBytes(data)),
      stderr: io.stderr,
    });
    return Buffer.concat(output).toString("utf8").replace(/\n+$/, "");
  }

  /** The fields of a word. The result of an unquoted expansion is split at blanks. */
  async #fields(word: Word, io: Io): Promise<Field[]> {
    const fields: Field[] = [];
    let open: Field | undefined;
    const add = (text: string, quoted: boolean): void => {
      open ??= [];
      open.push({ text, quoted });
    };
    for (const part of word) {
      const text = await this.#value(part, io);
      if (part.kind === "text" || part.quoted) {
        add(text, part.quoted);
        continue;
      }
      const pieces = text.split(/[ \t\n]+/);
      for (const [index, piece] of pieces.entries()) {
        if (index > 0 && open) {
          fields.push(open);
          open = undefined;
        }
        if (piece !== "") add(piece, false);
      }
    }
    if (open) fields.push(open);
    return fields;
  }
}

/** The shell itself could not open a file for a command. */
class OpenError extends FilesError {
  constructor(what: string, cause: FilesError) {
    super(cause.code);
    this.message = `${what}: ${cause.code === "ENOENT" && what.startsWith("can't create") ? "nonexistent directory" : cause.message}`;
  }
}

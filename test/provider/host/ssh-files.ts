/** Files on a host's datastores that only its shell sees, with the few commands that work on them. */
import { posix } from "node:path";
import { CommandError } from "../../../provider/ssh/commands/command-error.ts";
import type { ExecOptions, ExecResult, SshExec } from "../../../provider/ssh/exec.ts";

type Answer = { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string };

export class SshFiles implements SshExec {
  readonly host = "esxi1";
  /** Every path that is there; of a file with its content, of a folder without. */
  readonly paths = new Map<string, string | undefined>();
  /** Commands so far that change something. */
  readonly changes: string[] = [];
  /** Is asked first of all; what it returns or throws is what becomes of the command. */
  before: (command: string) => Answer | undefined = () => undefined;

  constructor(...folders: readonly string[]) {
    for (const folder of folders) this.paths.set(folder, undefined);
  }

  put(folder: string, ...names: readonly string[]): void {
    this.paths.set(folder, undefined);
    for (const name of names) this.paths.set(`${folder}/${name}`, `${name} as it was`);
  }

  /** Names in a folder; undefined if there is none. */
  names(folder: string): string[] | undefined {
    if (!this.paths.has(folder)) return undefined;
    return [...this.paths.keys()]
      .filter((path) => posix.dirname(path) === folder)
      .map((path) => posix.basename(path));
  }

  async exec(command: readonly string[], { stdin, toFile, signal }: ExecOptions = {}): Promise<ExecResult> {
    signal?.throwIfAborted();
    const text = [...command, ...(toFile ? [">", toFile] : [])].join(" ");
    const answer = this.before(text) ?? this.#run(command, stdin, toFile);
    if (!/^(test|ls|cat(?! >))/.test(text)) this.changes.push(text);
    const { exitCode, stdout = "", stderr = "" } = answer;
    if (exitCode !== 0) throw new CommandError(`${text}: ${stderr}`, { exitCode, stdout, stderr });
    return { stdout, stdoutBytes: Buffer.from(stdout), stderr };
  }

  #run([name, ...args]: readonly string[], stdin: ExecOptions["stdin"], toFile: string | undefined): Answer {
    const last = args.at(-1) ?? "";
    const there = this.paths.has(last);
    const no = { exitCode: 1, stderr: "no such thing" };
    const done = (ok: boolean): Answer => (ok ? { exitCode: 0 } : no);
    const isFile = this.paths.get(last) !== undefined;
    switch (name) {
      case "test":
        return done(there && (args[0] !== "-d" || !isFile));
      case "ls":
        return { exitCode: 0, stdout: (this.names(last) ?? []).map((file) => `${file}\n`).join("") };
      case "cat":
        if (toFile === undefined) return there ? { exitCode: 0, stdout: this.paths.get(last) ?? "" } : no;
        if (!this.paths.has(posix.dirname(toFile))) return no;
        if (typeof stdin === "object" && !(stdin instanceof Uint8Array)) throw new Error("No streams here.");
        this.paths.set(toFile, Buffer.from(stdin ?? "").toString());
        return { exitCode: 0 };
      case "mv": {
        const [, from = "", to = ""] = args;
        this.paths.set(to, this.paths.get(from));
        return done(this.paths.delete(from));
      }
      case "cp":
        this.paths.set(last, this.paths.get(args[0] ?? ""));
        return done(this.paths.get(last) !== undefined);
      case "mkdir":
        if (there || !this.paths.has(posix.dirname(last))) return no;
        this.paths.set(last, undefined);
        return { exitCode: 0 };
      case "rmdir":
        return done(there && this.names(last)?.length === 0 && this.paths.delete(last));
      case "rm":
        for (const path of args.slice(1)) this.paths.delete(path);
        return { exitCode: 0 };
      case "vmkfstools":
        this.paths.delete(last.replace(/\.vmdk$/, "-flat.vmdk"));
        return done(this.paths.delete(last));
      default:
        throw new Error(`There is no command ${name}.`);
    }
  }
}

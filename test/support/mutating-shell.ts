import { CommandError } from "../../provider/ssh/commands/command-error.ts";
import type { ExecOptions, ExecResult, SshExec } from "../../provider/ssh/exec.ts";
import { SshLostError } from "../../provider/ssh/ssh-lost-error.ts";
import type { Chance } from "./mutate-answer.ts";

interface Answer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const WRONG_TEXTS = [
  "",
  "1",
  "2",
  "99999999999999999999",
  "-",
  "..",
  "../stranger/stranger.vmdk",
  "stranger.vmdk",
  "\u001b[2J",
  '(vmodl.fault.ManagedObjectNotFound) {\n   faultCause = null,\n   msg = "no"\n}',
  "Failed to login: Connection reset by peer",
  "sh: out of memory",
  "?".repeat(300),
];

const linesOf = (text: string) => text.split("\n");
const at = <T>(chance: Chance, all: readonly T[]): number => Math.floor(chance() * all.length);

type Change = (answer: Answer, chance: Chance) => Answer;

const withLine =
  (change: (line: string, chance: Chance) => readonly string[]): Change =>
  (answer, chance) => {
    const lines = linesOf(answer.stdout);
    const index = at(chance, lines);
    const changed = lines.flatMap((line, number) => (number === index ? change(line, chance) : [line]));
    return { ...answer, stdout: changed.join("\n") };
  };

const wrong = (chance: Chance): string => WRONG_TEXTS[at(chance, WRONG_TEXTS)] ?? "";

const CHANGES: Readonly<Record<string, Change>> = {
  "fail although it was done": (answer, chance) => ({
    ...answer,
    exitCode: [1, 2, 127, 255, undefined][at(chance, [1, 2, 3, 4, 5])],
    stderr: wrong(chance),
  }),
  "succeed although it was not done": (answer) => ({ ...answer, exitCode: 0, stderr: "" }),
  "print nothing": (answer) => ({ ...answer, stdout: "", stderr: "" }),
  "print something else": (answer, chance) => ({ ...answer, stdout: wrong(chance) }),
  "print a part": (answer, chance) => ({
    ...answer,
    stdout: answer.stdout.slice(0, Math.floor(chance() * answer.stdout.length)),
  }),
  "leave out a line": withLine(() => []),
  "print a line twice": withLine((line) => [line, line]),
  "print another line": withLine((_, chance) => [wrong(chance)]),
  "print one line more": withLine((line, chance) => [line, wrong(chance)]),
  "print another number": withLine((line, chance) => [
    line.replace(/\d+/, () => String(Math.floor(chance() * 4))),
  ]),
  "end lines as Windows does": (answer) => ({ ...answer, stdout: answer.stdout.replaceAll("\n", "\r\n") }),
  "print a mebibyte": (answer) => ({ ...answer, stdout: `${"9".repeat(2 ** 20)}\n${answer.stdout}` }),
  "complain besides": (answer, chance) => ({ ...answer, stderr: wrong(chance) }),
};

/** A host's shell that makes the answer to one command wrong when told so; the command itself is done. */
export class MutatingShell implements SshExec {
  readonly host: string;
  /** What was made wrong last. */
  done: string | undefined;
  readonly #ssh: SshExec;
  #armed: { readonly answer: number; readonly chance: Chance } | undefined;
  #answers = 0;

  constructor(ssh: SshExec) {
    this.host = ssh.host;
    this.#ssh = ssh;
  }

  /** How many answers there were since the last call of {@link arm}. */
  get answers(): number {
    return this.#answers;
  }

  /** From now on the answer of that number, from 0, is made wrong. */
  arm(answer: number | undefined, chance: Chance): void {
    this.#answers = 0;
    this.done = undefined;
    this.#armed = answer === undefined ? undefined : { answer, chance };
  }

  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const number = this.#answers++;
    if (number !== this.#armed?.answer) return this.#ssh.exec(command, options);
    const { chance } = this.#armed;
    const what = Object.keys(CHANGES)[at(chance, Object.keys(CHANGES))] ?? "";
    this.done = `to \`${command.join(" ")}\`: ${what}`;
    const real = await this.#answerTo(command, options);
    if (chance() < 0.1) {
      this.done = `to \`${command.join(" ")}\`: nothing, the connection is lost`;
      throw new SshLostError(`${this.host}: the SSH connection was lost before the command ended.`);
    }
    const { exitCode, stdout, stderr } = CHANGES[what]?.(real, chance) ?? real;
    if (exitCode !== 0) throw new CommandError(`${this.host}: it failed`, { exitCode, stdout, stderr });
    return { stdout, stderr, stdoutBytes: Buffer.from(stdout) };
  }

  async #answerTo(command: readonly string[], options: ExecOptions): Promise<Answer> {
    try {
      return { exitCode: 0, ...(await this.#ssh.exec(command, options)) };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return { exitCode: error.exitCode, stdout: error.stdout, stderr: error.stderr };
    }
  }
}

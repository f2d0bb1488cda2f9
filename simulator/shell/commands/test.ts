/** `test` and `[`. */
import type { FileStatus } from "../files.ts";
import { FilesError } from "../files-error.ts";
import type { Invocation, ShellCommand } from "../invocation.ts";

export const testCommands: Readonly<Record<string, ShellCommand>> = {
  test: (call) => evaluate(call, call.args),
  "[": async (call) => {
    if (call.args.at(-1) === "]") return await evaluate(call, call.args.slice(0, -1));
    await call.stderr("sh: missing ]\n");
    return 2;
  },
};

const OF_FILES: Readonly<Record<string, (status: FileStatus | undefined) => boolean>> = {
  "-e": (status) => status !== undefined,
  "-f": (status) => status?.kind === "file",
  "-d": (status) => status?.kind === "directory",
  "-s": (status) => (status?.sizeBytes ?? 0) > 0,
  "-r": (status) => status !== undefined,
  "-w": (status) => status !== undefined,
};

const OF_NUMBERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "-eq": (a, b) => a === b,
  "-ne": (a, b) => a !== b,
  "-lt": (a, b) => a < b,
  "-le": (a, b) => a <= b,
  "-gt": (a, b) => a > b,
  "-ge": (a, b) => a >= b,
};

async function evaluate(call: Invocation, args: readonly string[]): Promise<number> {
  for (const [word, join] of [
    ["-o", (a: number, b: number) => Math.min(a, b)],
    ["-a", (a: number, b: number) => Math.max(a, b)],
  ] as const) {
    const at = args.indexOf(word);
    if (at > 0)
      return join(await evaluate(call, args.slice(0, at)), await evaluate(call, args.slice(at + 1)));
  }
  const [first = "", second = "", third = ""] = args;
  if (first === "!" && args.length > 1) {
    const inner = await evaluate(call, args.slice(1));
    return inner > 1 ? inner : 1 - inner;
  }
  if (args.length === 0) return 1;
  if (args.length === 1) return first === "" ? 1 : 0;
  if (args.length === 2) return await unary(call, first, second);
  if (args.length === 3) {
    if (second === "=" || second === "==") return first === third ? 0 : 1;
    if (second === "!=") return first === third ? 1 : 0;
    const compare = OF_NUMBERS[second];
    if (compare && [first, third].every((one) => /^-?\d+$/.test(one)))
      return compare(Number(first), Number(third)) ? 0 : 1;
  }
  await call.stderr(`sh: ${second}: unknown operand\n`);
  return 2;
}

async function unary(call: Invocation, operator: string, operand: string): Promise<number> {
  const { files, cwd } = call.shell;
  if (operator === "-z") return operand === "" ? 0 : 1;
  if (operator === "-n") return operand === "" ? 1 : 0;
  if (operator === "-L" || operator === "-h") return files.linkTarget(operand) === undefined ? 1 : 0;
  const check = OF_FILES[operator];
  if (check === undefined) {
    await call.stderr(`sh: ${operator}: unknown operand\n`);
    return 2;
  }
  try {
    return check(await files.status(files.place(cwd, operand))) ? 0 : 1;
  } catch (error) {
    if (error instanceof FilesError) return 1;
    throw error;
  }
}

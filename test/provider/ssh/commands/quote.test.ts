import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandLine, commandLineInto } from "../../../../provider/ssh/commands/quote.ts";

const NASTY = [
  "plain",
  "",
  "two words",
  "it's",
  "'",
  "''",
  '"quoted"',
  "$(touch /tmp/x) `id` $HOME",
  "a;b|c&d>e<f",
  "*?[x]{a,b}~!#",
  "back\\slash\\",
  "line\nline",
  "Prüfung 中 😀",
  "-n",
  "%25 %s",
];

test("a shell gives each argument to the command as it was, whatever it holds", () => {
  const print = ["printf", "%s\\0", ...NASTY];
  const output = execFileSync("sh", ["-c", commandLine(print)], { encoding: "utf8" });
  expect(output.split("\0").slice(0, -1)).toEqual(NASTY);
});

test("an argument with a zero byte is refused", () => {
  expect(() => commandLine(["a\0b"])).toThrow(TypeError);
});

test("a file takes its name only when it is whole, and what is to follow follows then only", () => {
  const cwd = mkdtempSync(join(tmpdir(), "esxi-quote-"));
  const sha256 = createHash("sha256").update("whole").digest("hex");
  const write = (input: string, then?: readonly string[]) => {
    const whole = { draft: "it's a draft", sha256, then };
    const line = commandLineInto(["cat"], { toFile: "it's a file", whole });
    const { status, stdout } = spawnSync("sh", ["-c", line], { cwd, input, encoding: "utf8" });
    return [status, stdout, ...readdirSync(cwd)];
  };
  try {
    expect(write("who")).toEqual([1, ""]);
    expect(write("who", ["echo", "then"])).toEqual([1, ""]);
    expect(write("whole")).toEqual([0, "", "it's a file"]);
    expect(readFileSync(join(cwd, "it's a file"), "utf8")).toBe("whole");
    expect(write("less")).toEqual([1, "", "it's a file"]);
    expect(readFileSync(join(cwd, "it's a file"), "utf8")).toBe("whole");
    expect(write("whole", ["sh", "-c", "echo then; exit 3"])).toEqual([
      3,
      `${sha256}\nthen\n`,
      "it's a file",
    ]);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test("a file that need not be whole is written in its place, and without a file nothing is", () => {
  expect(commandLineInto(["cat", "a"], { toFile: "it's" })).toBe("'cat' 'a' > 'it'\\''s'");
  expect(commandLineInto(["cat", "a"], {})).toBe("'cat' 'a'");
});

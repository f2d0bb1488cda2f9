import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { commandLine } from "../../../../provider/ssh/commands/quote.ts";

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

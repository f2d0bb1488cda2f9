/** The simulated shell reads words as a POSIX shell does: drawn command lines, beside what `/bin/sh` makes of them. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commandLine } from "../../../provider/ssh/commands/quote.ts";
import { draws } from "../../support/draws.ts";
import { logIn, run, startSshHost } from "../ssh/ssh-lab.ts";

const PIECES = [
  ..."'\"\\$`#{}=!~-%aBx7 ".split(""),
  "''",
  '""',
  "\\'",
  '\\"',
  "\\$",
  "\\`",
  "$x",
  "$(",
  ")",
  "\t",
  "ü",
  "宿",
];
const words = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 14 })
  .map((pieces) => pieces.join(""))
  // A tilde that begins a word is the home folder and two dollars are a process, which differ.
  .filter((text) => !/(^|[ \t])~|\$\$/.test(text))
  // dash and busybox leave off at a parenthesis in backquotes.
  .filter((text) => !/`.*\)/s.test(text))
  // The simulated shell has no operators in braces, and says so.
  .filter((text) => !/\$\{([^x}]|x[^}])/.test(text));

/** Nothing that is drawn is a command, so nothing is run. */
function real(line: string): { code: number | null; stdout: string } {
  const { status, stdout } = spawnSync("/bin/sh", ["-c", line], { encoding: "utf8", env: { x: "p q" } });
  return { code: status, stdout };
}

test("drawn words, quoted in every way, are read as by /bin/sh", async () => {
  const client = await logIn(await startSshHost());
  await fc.assert(
    fc.asyncProperty(words, async (text) => {
      const line = `printf '<%s>' ${text}`;
      const { code, stdout } = await run(client, `x='p q'; ${line}`);
      const expected = real(line);
      expect({ line, code, stdout }).toEqual({ line, ...expected });
    }),
    { ...draws(60), endOnFailure: true },
  );
});

test("what the provider quotes arrives as it is, in both", async () => {
  const client = await logIn(await startSshHost());
  const anything = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 4 }), async (args) => {
      const line = commandLine(["printf", "<%s>\n", ...args]);
      const whole = args.map((arg) => `<${arg}>\n`).join("");
      expect(real(line).stdout).toBe(whole);
      expect((await run(client, line)).stdout).toBe(whole);
    }),
    { ...draws(60), endOnFailure: true },
  );
});

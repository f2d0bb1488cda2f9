import { expect, test } from "vitest";
import { runCommand } from "../../../tools/setup/command.ts";

const node = (script: string) => ["-e", script];
const FOREVER = "setInterval(() => {}, 1000);";

test("collects what a command prints and its exit code", async () => {
  const script = 'console.log("out"); console.error("err"); process.exitCode = 3';
  const result = await runCommand(process.execPath, node(script));
  expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
});

test("ends a command, and what it started, that takes too long", async () => {
  const grandchild = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(FOREVER)}], { stdio: "inherit" });`;
  const result = await runCommand(process.execPath, node(grandchild + FOREVER), { timeoutMs: 300 });
  expect(result.code).toBeNull();
  expect(result.stderr).toContain("was ended after 0.3 s without a result");
});

test("gives a command more time once it shows that it gets on", async () => {
  const script = 'console.log("Installing"); setTimeout(() => console.log("done"), 2300)';
  const options = { timeoutMs: 2_000, slowOnce: /Installing/, slowTimeoutMs: 30_000 };
  expect(await runCommand(process.execPath, node(script), options)).toMatchObject({ code: 0 });
});

test("says so when there is no such command", async () => {
  const result = await runCommand("no-such-command-here", []);
  expect(result.code).toBeNull();
  expect(result.stderr).toContain("no-such-command-here could not be started");
});

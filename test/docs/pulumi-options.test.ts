/** The page of options names every flag of the CLI that runs resources, every resource option of the SDK, and tests that exist. */
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { need } from "../support/prerequisites.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const page = await readFile(join(root, "docs/pulumi-options.md"), "utf8");
const NAMED = new Set(page.match(/--[a-z][a-z-]*…?/g));

/** A family such as `--show-…` stands for all that begin so. */
const isNamed = (flag: string): boolean =>
  NAMED.has(flag) || [...NAMED].some((one) => one.endsWith("…") && flag.startsWith(one.slice(0, -1)));

/** What a command says of itself. */
async function helpOf(context: TestContext, ...command: readonly string[]): Promise<string> {
  const binDir = await need(context, "TEST_PULUMI_BIN");
  const { path, remove } = await temporaryFolder();
  context.onTestFinished(remove);
  const env = { ...process.env, PULUMI_HOME: path, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { stdout } = await promisify(execFile)(join(binDir, "pulumi"), [...command, "--help"], { env });
  return stdout;
}

test.for(["up", "preview", "refresh", "destroy"])("every flag of pulumi %s", async (command, context) => {
  const stdout = await helpOf(context, command);
  const flags = [...stdout.matchAll(/^\s+(?:-\w, )?(--[a-z][a-z-]*)/gm)].map(([, flag = ""]) => flag);
  expect(flags.length).toBeGreaterThan(20);
  const own = flags.filter(
    (flag) =>
      !/^--(help|color|cwd|disable-.*|emoji|fully-.*|logflow|log.*|memprof.*|non-interactive|otel.*|profiling|tracing|verbose)$/.test(
        flag,
      ),
  );
  expect(own.filter((flag) => !isNamed(flag))).toEqual([]);
});

test("every command of pulumi state", async (context) => {
  const stdout = await helpOf(context, "state");
  const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(5);
  const isThere = (name: string) => new RegExp(`pulumi state ${name}\\b|\`${name}\``).test(page);
  expect(commands.filter((name) => !isThere(name))).toEqual([]);
});

test("every option of a resource", async () => {
  const types = await readFile(join(root, "node_modules/@pulumi/pulumi/resource.d.ts"), "utf8");
  const options = ["ResourceOptions", "CustomResourceOptions", "ComponentResourceOptions"].flatMap((name) => {
    const body =
      new RegExp(`export interface ${name}(?: extends \\w+)? \\{\\n(.*?)\\n\\}`, "s").exec(types)?.[1] ?? "";
    return [...body.matchAll(/^ {4}(\w+)\?:/gm)].map(([, option = ""]) => option);
  });
  expect(options.length).toBeGreaterThan(20);
  expect(options.filter((option) => !page.includes(`\`${option}\``))).toEqual([]);
});

test("every test that it names is there", async () => {
  const names = new Set(page.match(/test\/[\w./-]+\.test\.ts/g));
  expect(names.size).toBeGreaterThan(10);
  for (const name of names) await access(join(root, name));
});

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutServices } from "../../../tools/prerequisites/without-services.ts";
import { runCommand } from "../../../tools/setup/command.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;
let policy: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  policy = join(folder.path, "policy-rc.d");
});

afterEach(() => folder.remove());

/** What a package is told that wants to start its service. */
const ask = async () => (await runCommand(policy, ["ssh", "start"])).code;

test("while a package is installed it may start no service, and afterwards the machine is as it was", async () => {
  expect(await withoutServices(ask, policy)).toBe(101);
  expect(existsSync(policy)).toBe(false);
});

test("that holds for an installation that fails", async () => {
  const fails = withoutServices(() => Promise.reject(new Error("no such package")), policy);
  await expect(fails).rejects.toThrow("no such package");
  expect(existsSync(policy)).toBe(false);
});

test("a rule of the machine's own stays", async () => {
  writeFileSync(policy, "#!/bin/sh\nexit 7\n");
  chmodSync(policy, 0o755);
  expect(await withoutServices(ask, policy)).toBe(7);
  expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 7\n");
});

test("what a killed run left is no rule of the machine's own", async () => {
  const left = await withoutServices(async () => readFileSync(policy, "utf8"), policy);
  writeFileSync(policy, left);
  await withoutServices(async () => {}, policy);
  expect(existsSync(policy)).toBe(false);
});

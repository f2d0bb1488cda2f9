import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { projectFolder } from "../../../provider/runtime/project-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

test("the project's folder is the nearest one above that has a Pulumi.yaml", async () => {
  await folder.write("Pulumi.yaml", "name: outer");
  await folder.write("inner/Pulumi.yml", "name: inner");
  const program = join(folder.path, "inner/stacks/deep");
  await mkdir(program, { recursive: true });
  expect(projectFolder(program)).toBe(join(folder.path, "inner"));
  expect(projectFolder(folder.path)).toBe(folder.path);
});

test("where there is no Pulumi.yaml relative paths count from the program's folder", async () => {
  const program = join(folder.path, "stacks");
  await mkdir(program);
  expect(projectFolder(program)).toBe(program);
});

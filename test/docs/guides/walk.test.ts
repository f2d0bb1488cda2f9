import { afterAll, beforeAll, expect, test } from "vitest";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { stepsOf } from "./steps.ts";
import { follow } from "./walk.ts";

let host: SimulatedHost;
let folder: TemporaryFolder;

beforeAll(async () => {
  [host, folder] = await Promise.all([SimulatedHost.start(), temporaryFolder()]);
});

afterAll(async () => {
  await host.stop();
  await folder.remove();
});

const fence = (info: string, ...lines: string[]) => `\`\`\`${info}\n${lines.join("\n")}\n\`\`\`\n`;

const walk = (...parts: string[]) =>
  follow("page.md", parts.join("\n"), {
    folder: folder.path,
    nodeModules: folder.path,
    downloads: folder.path,
    environment: process.env,
    host,
    named: {},
  });

test("a guide's files, changes, commands and prints come true, from one fence to the next", async () => {
  await walk(
    fence("sh", "mkdir lab", "cd lab", "export WHO=me"),
    fence("ts index.ts", "one;", "two;"),
    fence("diff index.ts", " one;", "-two;", "+three;"),
    fence("sh", "cat index.ts; echo for $WHO, at esxi.example.com"),
    fence("text", "one;", "  …", "three;", "for me, at https://…"),
    fence("sh", "unset WHO"),
    fence("sh", 'test -z "$WHO" && test -f index.ts'),
    fence("sh fails", "false"),
    fence("sh elsewhere", "false"),
    "<!-- on the host: there are 0 machines -->",
  );
});

const wrong: Readonly<Record<string, readonly [page: string, says: string | RegExp]>> = {
  "a command that fails": [fence("sh", "echo so far", "false", "true"), /page.md:1: .*\n?[\s\S]*so far/],
  "a command that succeeds, where the page shows an error": [fence("sh fails", "true"), "page.md:1"],
  "a line that is not printed": [`${fence("sh", "echo one")}${fence("text", "two")}`, '"two" is not printed'],
  "a file that is shown without the end of a line": [
    `${fence("sh", "echo one two > a", "cat a")}${fence("text", "one")}`,
    '"one" is not printed',
  ],
  "lines in another order": [
    `${fence("sh", "echo 2", "echo 1")}${fence("text", "1", "2")}`,
    '"2" is not printed',
  ],
  "a change of what no file has": [
    `${fence("ts a.ts", "one;")}${fence("diff a.ts", "-two;", "+three;")}`,
    "page.md:4: how often the file has",
  ],
  "a package that is not there": [fence("sh", "npm install nowhere-to-be-found"), "page.md:1"],
  "a machine that is not there": ["<!-- on the host: the machines are web -->", "page.md:1"],
  "words that mean nothing on a host": ["<!-- on the host: it rains -->", "Nobody knows"],
};

test.for(Object.entries(wrong))("a guide with %s fails", async ([, [page, says]]) => {
  await expect(walk(page)).rejects.toThrow(says);
});

test("a guide with a program that would not be run fails", () => {
  expect(() => stepsOf("page.md", fence("ts", "new ScratchVm();"))).toThrow("page.md:1");
  expect(() => stepsOf("page.md", fence("text", "printed by nobody"))).toThrow("page.md:1");
});

import { afterEach, beforeEach, expect, test } from "vitest";
import { readRoster } from "../../stacks/roster.ts";
import { root } from "../../tools/setup/cache.mjs";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const read = async (text: string) => readRoster(await folder.write("roster.csv", text));

test.each([
  ["commas", "login,name,group\nalice,Élodie Martin,g1\n"],
  [
    "semicolons, a byte order mark and line ends of Windows",
    "\ufeffLogin;Name;Group\r\nalice;Élodie Martin;g1\r\n",
  ],
  ["tabs, other columns and another order", "email\tgroup\tlogin\tname\nx@y\tg1\talice\tÉlodie Martin\n\n"],
  ["quotes", 'login;group;name\nalice;g1;"Élodie Martin"\n'],
])("a roster with %s is read", async (_, text) => {
  expect(await read(text)).toEqual([{ login: "alice", name: "Élodie Martin", group: "g1" }]);
});

test("every line that cannot be used is named, and what is in it is never a template, a path or a pattern", async () => {
  const lines = [
    "login;name;group",
    "{{x}};A;g1",
    "../up;B;g1",
    "carl*;C;g1",
    "dora;D;G 1",
    "eve;E;g1",
    "eve;F;g1",
  ];
  const error = await read(`${lines.join("\n")}\ngil;"two\nlines";g1\n`).catch(
    (reason: Error) => reason.message,
  );
  expect(
    String(error)
      .split("\n")
      .map((line) => line.replace(folder.path, ".")),
  ).toEqual([
    "The roster cannot be used:",
    './roster.csv:2 login "{{x}}" must be small letters, digits and dashes, at most 31, from a letter on',
    './roster.csv:3 login "../up" must be small letters, digits and dashes, at most 31, from a letter on',
    './roster.csv:4 login "carl*" must be small letters, digits and dashes, at most 31, from a letter on',
    './roster.csv:5 group "G 1" must be small letters, digits and dashes, at most 31, from a letter on',
    './roster.csv:7 login "eve" is that of line 6 too',
    "./roster.csv:9 name has a control character",
  ]);
});

test("the committed roster has thirty people in five groups", () => {
  const people = readRoster(`${root}/stacks/roster.csv`);
  expect([people.length, new Set(people.map(({ group }) => group)).size]).toEqual([30, 5]);
});

/** `docs/architecture.md` and the decisions name files that are there, and each decision is on the list. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";

const DECISIONS = readdirSync(join(root, "docs/decisions")).sort();
const PAGES = [
  "CONTRIBUTING.md",
  "docs/architecture.md",
  ...DECISIONS.map((name) => `docs/decisions/${name}`),
];
/** The files of the checkout, those too that are not committed yet. */
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
}).split("\n");

const read = (page: string): string => readFileSync(join(root, page), "utf8");

test.each(PAGES)("the files and folders that %s names are there", (page) => {
  const named = [...read(page).matchAll(/`([\w./-]+(?:\.(?:ts|mjs|py)|\/))`/g)].map(([, name = ""]) => name);
  // `x.ts` and `THEME.ts` stand for any file; what is made by a run is in no checkout.
  const isMeant = (name: string): boolean =>
    !/(^|\/)(x|THEME)\./.test(name) && !["dist/", ".mutants/"].includes(name);
  const missing = named.filter(isMeant).filter((name) => {
    const isFolder = name.endsWith("/");
    return !FILES.some((file) =>
      isFolder ? `/${file}`.includes(`/${name}`) : file === name || file.endsWith(`/${name}`),
    );
  });
  expect(missing).toEqual([]);
});

test("the list of decisions has each of them, by number and title", () => {
  const architecture = read("docs/architecture.md");
  const rows = DECISIONS.map((name, index) => {
    const title = /^# (\d+)\. (.+)$/m.exec(read(`docs/decisions/${name}`));
    expect(Number(name.slice(0, 4))).toBe(index + 1);
    return `| ${title?.[1]} | [${title?.[2]}](decisions/${name}) |`;
  });
  expect(rows.filter((row) => !architecture.includes(row))).toEqual([]);
});

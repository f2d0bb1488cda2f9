/** How the pages' Markdown is written: what a reader of the rendered page, and of its diff, needs. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { pages, readPage } from "./fences.ts";

const DECISIONS = "docs/decisions";
const LONGEST_LINE = 142;

const all = [
  ...pages,
  "simulator/README.md",
  ...readdirSync(join(root, DECISIONS)).map((name) => `${DECISIONS}/${name}`),
];

/** The lines of a page outside of its fences, by number. */
function linesOf(text: string): Map<number, string> {
  const lines = text.split("\n");
  let inFence = false;
  return new Map(
    lines.flatMap((line, index): [number, string][] => {
      const isFence = line.startsWith("```");
      if (isFence) inFence = !inFence;
      return isFence || inFence ? [] : [[index + 1, line]];
    }),
  );
}

/** Rows that are shown as plain text, because nothing above them begins a table. */
function looseRows(text: string): number[] {
  const lines = linesOf(text);
  return [...lines].flatMap(([number, line]) => {
    const isFirst = line.startsWith("|") && !lines.get(number - 1)?.startsWith("|");
    return isFirst && !/^\|[ :|-]+\|$/.test(lines.get(number + 1) ?? "") ? [number] : [];
  });
}

/** Lines of prose that are much longer than the others. */
function longLines(text: string): number[] {
  const isProse = (line: string) => !/^(?:\||<|!\[|#)/.test(line);
  return [...linesOf(text)].flatMap(([number, line]) =>
    isProse(line) && line.length > LONGEST_LINE && line.includes(" ", LONGEST_LINE / 2) ? [number] : [],
  );
}

test.for(all)("%s has no row outside of a table", (page) => {
  expect(looseRows(readPage(page))).toEqual([]);
});

test.for(all)("%s is wrapped", (page) => {
  expect(longLines(readPage(page))).toEqual([]);
});

test("rows outside of a table and long lines are found", () => {
  const long = "word ".repeat(40);
  expect(looseRows("| a |\n| --- |\n| 1 |\n\n| 2 |\n")).toEqual([5]);
  expect(looseRows("```text\n| 1 |\n```\n")).toEqual([]);
  expect(longLines(`${long}\n| ${long} |\n\`\`\`\n${long}\n\`\`\`\n- ${long}\n`)).toEqual([1, 6]);
});

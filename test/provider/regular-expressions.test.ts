import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { whySlow } from "../support/slow-patterns.ts";

/** Patterns that are put together from a text with `*` in it: the user's own, for names of 80 characters and of hosts. */
const MADE_OF_TEXT = ["provider/resources/look-ups/reads.ts", "provider/ssh/host-key/known-hosts.ts"];

const files = globSync("provider/**/*.ts", { cwd: root }).sort();

function literalsOf(file: string): { literals: string[]; makesSome: boolean } {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const literals: string[] = [];
  let makesSome = false;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) literals.push(node.text);
    if (ts.isIdentifier(node) && node.text === "RegExp" && !ts.isTypeNode(node.parent)) makesSome = true;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, makesSome };
}

test("no pattern of the provider takes more steps than a text has characters, times a number", () => {
  const slow = files.flatMap((file) =>
    literalsOf(file).literals.flatMap((literal) => {
      const why = whySlow(literal);
      return why === undefined ? [] : [`${file}: ${literal}: ${why}`];
    }),
  );
  expect(slow).toEqual([]);
});

test("patterns are literals, so that they are looked at", () => {
  expect(files.filter((file) => literalsOf(file).makesSome)).toEqual(MADE_OF_TEXT);
});

describe("what looks at patterns", () => {
  test.each([
    String.raw`/\s+$/`,
    String.raw`/^\s*\((?:vim|vmodl)/m`,
    String.raw`/^(\d+)\s+(.*?)\s+x/`,
    "/<[^>]*>/g",
    String.raw`/<!--[\s\S]*?-->/g`,
    "/vSphere.*Hypervisor/i",
    String.raw`/<(style|script)[\s\S]*?<\/\1>/gi`,
    String.raw`/\bValueMap\s*[{(]((?:"[^"]*"|'[^']*'|[^})"'])*)[})]/i`,
    "/^(a+)+$/",
  ])("finds %s slow", (literal) => {
    expect(whySlow(literal)).toContain("(");
  });

  test.each([
    String.raw`/^\s*([^\s=#"]+)\s*=\s*/`,
    "/<[^<>]*>/g",
    String.raw`/\s+(\w+)=/y`,
    "/vmdk.*/",
    String.raw`/^\d+$/`,
  ])("finds %s fast", (literal) => {
    expect(whySlow(literal)).toBeUndefined();
  });
});

/** What of a source is no place for a mutant: the wording of errors, however it is put together. */
import { expect, test } from "vitest";
import { strykerPlugins } from "../../../tools/mutate/messages.mjs";

/** A place in a syntax tree, as Babel shows it. */
class Path {
  readonly node: object;
  readonly parentPath: Path | undefined;
  readonly key: number | string | undefined;
  readonly listKey: string | undefined;

  constructor(node: object, parent?: Path, key?: number | string, listKey?: string) {
    this.node = node;
    this.parentPath = parent;
    this.key = key;
    this.listKey = listKey;
  }

  isNewExpression(): boolean {
    return "callee" in this.node;
  }

  find(matches: (path: Path) => boolean): Path | null {
    return matches(this) ? this : (this.parentPath?.find(matches) ?? null);
  }
}

const made = (name: string) => new Path({ callee: { type: "Identifier", name } });
const isIgnored = (path: Path) =>
  strykerPlugins.some(({ injectableClass: Ignorer }) => new Ignorer().shouldIgnore(path) !== undefined);

test("is the first argument of an error, and what it is made of", () => {
  const text = new Path({}, made("HostError"), 0, "arguments");
  expect(isIgnored(text)).toBe(true);
  expect(isIgnored(new Path({}, text, "left"))).toBe(true);
});

test("is not the cause of an error, nor what is given to anything else", () => {
  expect(isIgnored(new Path({}, made("HostError"), 1, "arguments"))).toBe(false);
  expect(isIgnored(new Path({}, made("Set"), 0, "arguments"))).toBe(false);
});

import { describe, expect, test, vi } from "vitest";
import {
  isIgnored,
  withIgnored,
  withIgnoredNow,
} from "../../../../../provider/resources/frame/pulumi-options/ignore-changes.ts";

/** Inputs of a program that ignores changes at these paths. */
const ignoring = (...paths: readonly string[]) => ({ __ignoreChanges: paths });

describe("with ignoreChanges", () => {
  const WISH = { memory: 2, annotation: "new", map: { a: "new", b: "new" } };
  const NOW = { memory: 1, annotation: "old", map: { a: "old", b: "old" } };

  test.each([
    ["no path", [], WISH],
    ["a setting", ["memory"], { ...WISH, memory: 1 }],
    ["several settings", ["memory", "annotation"], { ...NOW, map: WISH.map }],
    ["a part of a setting", ["map.a"], { ...WISH, map: { a: "old", b: "new" } }],
    ["everything", ["*"], NOW],
    ["a setting that nobody has", ["other"], WISH],
  ])("%s stays as it is, and nothing else", (_, paths, expected) => {
    expect(withIgnored(WISH, ignoring(...paths), NOW)).toEqual(expected);
  });

  test("nothing stays where the class hands over no option", () => {
    expect(withIgnored(WISH, {}, NOW)).toEqual(WISH);
  });

  test.each([
    ["ovaPath", ["ovaDigest"]],
    ["source", ["content", "contentSha256"]],
  ])("what a check works out of %s stays with it", (setting, workedOut) => {
    const all = [setting, ...workedOut];
    const wish = Object.fromEntries([...all, "other"].map((key) => [key, "new"]));
    const now = Object.fromEntries([...all, "other"].map((key) => [key, "old"]));
    const kept = withIgnored(wish, ignoring(setting), now);
    expect(kept).toEqual({ ...now, other: "new" });
    // A source that is a text has no parts, so a path into it names nothing.
    expect(withIgnored(wish, ignoring(`${setting}.part`), now)).toEqual(wish);
  });
});

test("a whole setting is ignored by its name or by the star, and not by a path into it", () => {
  expect(isIgnored("guest", ignoring("memory", "guest"))).toBe(true);
  expect(isIgnored("guest", ignoring("*"))).toBe(true);
  expect(isIgnored("ovaDigest", ignoring("ovaPath"))).toBe(true);
  expect(isIgnored("guest", ignoring("guest.hostname", "*.hostname", "memory"))).toBe(false);
  expect(isIgnored("guest", {})).toBe(false);
});

describe("an update", () => {
  const wish = { memory: 2, annotation: "new" };

  test("asks what there is now only if something is to stay, and takes that before what state says", async () => {
    const now = vi.fn(async () => ({ memory: 7 }));
    expect(await withIgnoredNow(wish, {}, { memory: 1 }, now)).toEqual(wish);
    expect(now).not.toHaveBeenCalled();
    const olds = { memory: 1, annotation: "old" };
    expect(await withIgnoredNow(wish, ignoring("*"), olds, now)).toEqual({ memory: 7, annotation: "old" });
  });

  test("of something that is gone keeps none of its values", async () => {
    const gone = async () => undefined;
    expect(await withIgnoredNow(wish, ignoring("memory"), { memory: 1 }, gone)).toEqual(wish);
  });
});

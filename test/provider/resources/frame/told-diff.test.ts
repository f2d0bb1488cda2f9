/** What a diff answers, and what the resource's row says of it. */

import { beforeEach, describe, expect, test, vi } from "vitest";
import { toldDiff } from "../../../../provider/resources/frame/told-diff.ts";

const progress = { status: vi.fn(), info: vi.fn(), warn: vi.fn() };
const tell = vi.fn();

beforeEach(() => {
  progress.info.mockReset();
  tell.mockReset();
});

const DONE = { size: 1, place: "here", __phase: "done" };
const UNFINISHED = { ...DONE, __phase: "unfinished" };
const found = (changed: readonly string[], replaces: readonly string[] = [], olds = DONE) => ({
  olds,
  news: { size: 2, place: "there" },
  rules: { shown: ["place"] },
  changed,
  replaces,
});
const said = () => progress.info.mock.calls.flat();

describe("before an update", () => {
  test("a change is told in the words of its kind", () => {
    expect(toldDiff(found(["size"]), { progress }, tell)).toEqual({
      changes: true,
      replaces: [],
      deleteBeforeReplace: true,
    });
    expect(tell).toHaveBeenCalledOnce();
    expect(said()).toEqual([]);
  });

  test("no change is no change", () => {
    expect(toldDiff(found([]), { progress }, tell)).toMatchObject({ changes: false });
    expect(said()).toEqual([]);
  });

  test("what an earlier run did not finish is gone on with, and that is told last", () => {
    tell.mockImplementation(() => progress.info("update in place"));
    expect(toldDiff(found([], [], UNFINISHED), { progress }, tell)).toMatchObject({ changes: true });
    expect(said()).toEqual(["update in place", "go on with what an earlier run did not finish"]);
  });

  test("a replacement goes on with nothing", () => {
    const diff = toldDiff(found(["place"], ["place"], UNFINISHED), { progress }, tell);
    expect(diff).toMatchObject({ changes: true, replaces: ["place"] });
    expect(said()).toEqual([]);
  });
});

describe("in a refresh", () => {
  const context = { progress, isRefresh: true };

  test("what others have changed is told, from the program's value to the host's", () => {
    const diff = toldDiff(found(["size", "place"]), context, tell);
    expect(diff).toMatchObject({ changes: true });
    expect(said()).toEqual(["changed on the host: size 2 → 1, place there → here"]);
    expect(tell).not.toHaveBeenCalled();
  });

  test("nothing is told if nothing was changed, also of something unfinished", () => {
    expect(toldDiff(found([]), context, tell)).toMatchObject({ changes: false });
    expect(toldDiff(found([], [], UNFINISHED), context, tell)).toMatchObject({ changes: true });
    expect(said()).toEqual([]);
    expect(tell).not.toHaveBeenCalled();
  });
});

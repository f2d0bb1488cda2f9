import { expect, test } from "vitest";
import { chooseTests } from "../../../tools/mutate/choose-tests.ts";
import type { Measured } from "../../../tools/mutate/reach.ts";

const SOURCE = "provider/host/a.ts";

function measured(file: string, seconds: number, called: number[], source = SOURCE): Measured {
  return { file, digest: "", seconds, functions: { [source]: called } };
}

test("a mutant meets the shortest tests first that call each function of its file", () => {
  const long = measured("long", 20, [10, 50, 90]);
  const short = measured("short", 1, [10, 50]);
  const other = measured("other", 2, [90]);
  expect(chooseTests([long, short, other], SOURCE, 60)).toEqual(["short", "other", "long"]);
});

test("tests that call nothing of the file are left out, and so are those for which there is no time", () => {
  const tests = [
    measured("elsewhere", 1, [10], "provider/host/b.ts"),
    measured("first", 8, [10, 50]),
    measured("too long", 9, [10, 50]),
    measured("fits", 2, [10]),
  ];
  expect(chooseTests(tests, SOURCE, 10)).toEqual(["fits", "first"]);
});

test("the best test is taken however long it runs", () => {
  expect(chooseTests([measured("long", 100, [10])], SOURCE, 10)).toEqual(["long"]);
});

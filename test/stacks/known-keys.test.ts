import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KNOWN_KEYS } from "../../stacks/known-keys.ts";
import { root } from "../../tools/setup/cache.mjs";

const read = (file: string) => readFileSync(join(root, file), "utf8");

const PROGRAMS = {
  ova: "stacks/ova.ts",
  clones: "stacks/clones.ts",
  class: "stacks/class.ts",
  scratch: "stacks/scratch.ts",
};

test.each(Object.entries(PROGRAMS))(
  "the known keys of %s are those that its program reads",
  (namespace, file) => {
    const reads = [...read(file).matchAll(/config\.(?:get|require)\w*(?:<[^(]*>)?\(\s*"(\w+)"/g)];
    expect([...new Set(reads.map(([, key]) => key))].sort()).toEqual(
      [...(KNOWN_KEYS[namespace] ?? [])].sort(),
    );
  },
);

test("Pulumi.dev.yaml explains each of them, and no other", () => {
  const explained = [...read("Pulumi.dev.yaml").matchAll(/^ +#? *(ova|clones|class|scratch):(\w+):/gm)];
  const known = Object.entries(KNOWN_KEYS).flatMap(([namespace, keys]) =>
    keys.map((key) => `${namespace}:${key}`),
  );
  expect(explained.map(([, namespace, key]) => `${namespace}:${key}`).sort()).toEqual(known.sort());
});

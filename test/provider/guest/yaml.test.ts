import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { asYaml } from "../../../provider/guest/yaml.ts";
import { draws } from "../../support/draws.ts";
import { need } from "../../support/prerequisites.ts";

/** Reads each line of a JSON list as YAML and as JSON, and prints what they are. */
const READER = `
import json, sys, yaml
print(json.dumps([[yaml.safe_load(text), json.loads(text)] for text in json.load(sys.stdin)]))
`;

const HOSTILE = [
  ...[
    "{{ 7*7 }}",
    "{% raw %}",
    "a: b",
    "- a",
    "# no",
    "'",
    '"',
    "\\",
    "no",
    "0123",
    "1e3",
    "~",
    "null",
    "|",
    ">",
  ],
  ...[
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\u0000b",
    "a\u0085b",
    "a\u2028b",
    "a\u2029b",
    "\u007f",
    "\u009f",
    "\ufeffx",
    "\ufffe",
  ],
  ...["😀", "é", " a ", "", "%", "@", "`", "&a", "*a", "!x", "---", "...", "? a", "</script>"],
];

test("every value comes out of a YAML reader as it went in", async (context) => {
  await need(context, "TEST_CLOUD_INIT");
  const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 30 }));
  const value = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).tree;
  const { numRuns, seed } = draws(400);
  const values = [...HOSTILE, ...fc.sample(value, { numRuns, seed })];
  const input = JSON.stringify(values.map(asYaml));
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", READER], {
    input,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
  expect(stderr).toBe("");
  const read = JSON.parse(stdout) as [unknown, unknown][];
  for (const [index, given] of values.entries()) expect(read[index]).toEqual([given, given]);
});

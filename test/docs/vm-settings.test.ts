/** The tables of docs/vm-settings.md are made of the code, and the docstrings name the limits that the checks have. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VM_SETTINGS } from "../../provider/resources/vm/settings/settings.ts";
import { documentedSettings, SETTINGS_PAGE, withTables } from "../../tools/docs/settings-tables.ts";

test("the tables are as the code is now", () => {
  const page = readFileSync(SETTINGS_PAGE, "utf8");
  expect(page, "run `node tools/docs/settings-tables.ts`").toBe(withTables(page));
});

const texts = new Map([...documentedSettings().values()].flat().map(({ name, text }) => [name, text]));

test.each(Object.entries(VM_SETTINGS))(
  "the docstring of %s names the limits of its check",
  (name, { check }) => {
    const text = texts.get(name);
    const missing = limitsOf(check).filter((limit) => !text?.includes(limit));
    expect(missing).toEqual([]);
  },
);

/** Smallest and largest number, and all texts that can be chosen; of a list those of its entries. */
function limitsOf(schema: object): string[] {
  const {
    pipe = [],
    wrapped,
    item,
    type,
    requirement,
    options,
  } = schema as {
    readonly pipe?: readonly object[];
    readonly wrapped?: object;
    readonly item?: object;
    readonly type?: string;
    readonly requirement?: unknown;
    readonly options?: readonly unknown[];
  };
  const own =
    type === "min_value" || type === "max_value"
      ? [String(requirement)]
      : type === "picklist"
        ? (options ?? []).map((option) => `\`${String(option)}\``)
        : [];
  const inner = [...pipe, wrapped, item].filter((part) => part !== undefined && part !== schema);
  return [...own, ...inner.flatMap((part) => (part === undefined ? [] : limitsOf(part)))];
}

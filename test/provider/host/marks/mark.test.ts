import { expect, test } from "vitest";
import { formatMark, type Mark, parseMark } from "../../../../provider/host/marks/mark.ts";

const MARK: Mark = {
  schema: 1,
  urn: "urn:1",
  host: "uuid",
  of: "[ds] iso/a.iso",
  session: "0123456789abcdef",
  state: { size: 3 },
};
const parse = (mark: unknown) => parseMark(JSON.stringify(mark), { host: MARK.host, of: MARK.of });

test("a mark is read as it was written, as one line of a file", () => {
  const text = formatMark(MARK);
  expect(text).toMatch(/^\{.*\}\n$/);
  expect(parseMark(text, { host: MARK.host, of: MARK.of })).toEqual(MARK);
});

test.each([
  ["of another version", { ...MARK, schema: 2 }],
  ["of another host, whose datastore it may be as well", { ...MARK, host: "other" }],
  ["of another thing, from which it was copied", { ...MARK, of: "[ds] iso/b.iso" }],
  ["without a resource", { ...MARK, urn: undefined }],
  ["with a number for a session", { ...MARK, session: 1 }],
  ["without a state", { ...MARK, state: undefined }],
  ["with no state", { ...MARK, state: null }],
  ["with a text for a state", { ...MARK, state: "none" }],
  ["that is nothing", null],
  ["that is a text", "mark"],
])("a mark %s is none", (_, mark) => {
  expect(parse(mark)).toBeUndefined();
});

test("a text that is no JSON is no mark", () => {
  expect(parseMark(formatMark(MARK).slice(1), { host: MARK.host, of: MARK.of })).toBeUndefined();
});

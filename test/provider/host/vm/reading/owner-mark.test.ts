import { expect, test } from "vitest";
import {
  formatOwnerMark,
  type OwnerMark,
  parseOwnerMark,
} from "../../../../../provider/host/vm/reading/owner-mark.ts";

const MARK: OwnerMark = {
  schema: 1,
  urn: "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::vm",
  digest: "d".repeat(64),
  phase: "creating",
  session: "0123456789abcdef",
};

test("a mark comes back as it was written", () => {
  expect(parseOwnerMark(formatOwnerMark(MARK))).toEqual(MARK);
});

test("the mark that release 0.1.0 wrote is read", () => {
  const text =
    '{"schema":1,"urn":"urn:pulumi:dev::lab::t::vm","digest":"ab","phase":"created","session":"cd"}';
  expect(parseOwnerMark(text)).toEqual({
    schema: 1,
    urn: "urn:pulumi:dev::lab::t::vm",
    digest: "ab",
    phase: "created",
    session: "cd",
  });
});

test.each([
  ["no text", undefined],
  ["an empty text", ""],
  ["no JSON", "ours"],
  ["null", "null"],
  ["a list", "[]"],
  ["a newer structure", JSON.stringify({ ...MARK, schema: 2 })],
  ["an unknown phase", JSON.stringify({ ...MARK, phase: "done" })],
  ["no URN", JSON.stringify({ ...MARK, urn: undefined })],
  ["a flag that is a number", JSON.stringify({ ...MARK, flag: 5 })],
  ["a flag in another folder", JSON.stringify({ ...MARK, flag: "../other/disk.vmdk" })],
  ["a flag that is the folder above", JSON.stringify({ ...MARK, flag: ".." })],
  ["a number for a digest", JSON.stringify({ ...MARK, digest: 5 })],
])("%s is no mark", (_, text) => {
  expect(parseOwnerMark(text)).toBeUndefined();
});

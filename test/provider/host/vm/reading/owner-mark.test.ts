import { expect, test } from "vitest";
import {
  formatOwnerMark,
  isOfSameCreate,
  OWNER_MARK_KEY,
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

test("a mark names a file in the machine's own folder as its flag", () => {
  expect(parseOwnerMark(formatOwnerMark({ ...MARK, flag: "vm.creating" }))?.flag).toBe("vm.creating");
});

test("its key stays what it was, or a newer release would take no machine of an older one for its own", () => {
  expect(OWNER_MARK_KEY).toBe("pulumi-esxi-direct.owner");
});

test("it is of the same create if resource, inputs, phase and process are the same, whatever else it says", () => {
  expect(isOfSameCreate({ ...MARK, copies: 2, flag: "f" }, MARK)).toBe(true);
  for (const other of ["urn", "digest", "phase", "session"])
    expect(isOfSameCreate({ ...MARK, [other]: "another" }, MARK)).toBe(false);
  expect(isOfSameCreate(undefined, MARK)).toBe(false);
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
  ["a flag without a name", JSON.stringify({ ...MARK, flag: "" })],
  ["a flag that is the folder itself", JSON.stringify({ ...MARK, flag: "." })],
  ["a flag in a folder of Windows", JSON.stringify({ ...MARK, flag: "other\\\\disk.vmdk" })],
  ["a number for a digest", JSON.stringify({ ...MARK, digest: 5 })],
])("%s is no mark", (_, text) => {
  expect(parseOwnerMark(text)).toBeUndefined();
});

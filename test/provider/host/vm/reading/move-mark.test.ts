import { describe, expect, test } from "vitest";
import {
  flagName,
  isMovedFrom,
  MOVE_KEY,
  type MoveMark,
  moveMarkOf,
  moveUnderWay,
} from "../../../../../provider/host/vm/reading/move-mark.ts";

const OLD = "[datastore1] vm/vm.vmx";
const NEW = "[ssd] vm/vm.vmx";
const MARK: MoveMark = {
  schema: 1,
  from: OLD,
  to: NEW,
  flag: flagName("0123456789abcdef"),
  phase: "copying",
  ran: true,
  keepsUuid: true,
};

const machine = (vmxPath: string, mark: unknown) => ({
  vmxPath,
  extraConfig: new Map([[MOVE_KEY, typeof mark === "string" ? mark : JSON.stringify(mark)]]),
});

test("a mark is read back on both machines of a move", () => {
  expect(moveMarkOf(machine(OLD, MARK))).toEqual(MARK);
  expect(moveMarkOf(machine(NEW, MARK))).toEqual(MARK);
});

test.each(["copying", "leaving", "done"])("a mark may say that the move is %s", (phase) => {
  expect(moveMarkOf(machine(NEW, { ...MARK, phase }))).toEqual({ ...MARK, phase });
});

test("a move is under way until it is done", () => {
  for (const phase of ["copying", "leaving"] as const)
    expect(moveUnderWay(machine(NEW, { ...MARK, phase }))).toEqual({ ...MARK, phase });
  expect(moveUnderWay(machine(NEW, { ...MARK, phase: "done" }))).toBeUndefined();
  expect(moveUnderWay({ vmxPath: NEW })).toBeUndefined();
});

test("a machine without advanced settings has no mark, and was moved from nowhere", () => {
  expect(moveMarkOf({ vmxPath: NEW })).toBeUndefined();
  expect(isMovedFrom({ vmxPath: NEW }, OLD)).toBe(false);
});

test("names stay what they were, or a newer release would not know a move that an older one has begun", () => {
  expect(MOVE_KEY).toBe("pulumi-esxi-direct.move");
  expect(flagName("0123456789abcdef")).toBe("pulumi-esxi-direct-moves-0123456789abcdef");
});

test("only the one at the new place was moved from the old one", () => {
  expect(isMovedFrom(machine(NEW, MARK), OLD)).toBe(true);
  expect(isMovedFrom(machine(OLD, MARK), OLD)).toBe(false);
  expect(isMovedFrom(machine(NEW, MARK), "[datastore1] other/vm.vmx")).toBe(false);
  expect(isMovedFrom(machine(NEW, MARK), undefined)).toBe(false);
});

test("a copy by hand of a machine with a mark has none", () => {
  expect(moveMarkOf(machine("[datastore1] copy/vm.vmx", MARK))).toBeUndefined();
});

describe("is no mark:", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["no object", '"copying"'],
    ["another version", { ...MARK, schema: 2 }],
    ["a place that is none", { ...MARK, to: "/vmfs/volumes/ssd/vm/vm.vmx" }],
    ["a place of something else", { ...MARK, to: "[ssd] vm/vm.vmdk" }],
    ["a move to where it is", { ...MARK, to: OLD }],
    ["a flag that leads elsewhere", { ...MARK, flag: "../other" }],
    ["a flag of another form", { ...MARK, flag: "vm" }],
    ["a flag below another folder", { ...MARK, flag: `vm/${MARK.flag}` }],
    ["a flag with more behind it", { ...MARK, flag: `${MARK.flag}/vm` }],
    ["no flag", { ...MARK, flag: undefined }],
    ["no place", { ...MARK, to: undefined }],
    ["nothing at all", "null"],
    ["a phase that nobody knows", { ...MARK, phase: "flying" }],
    ["no word on whether it ran", { ...MARK, ran: undefined }],
    ["no word on its identity", { ...MARK, keepsUuid: "yes" }],
  ])("%s", (_, mark) => {
    expect(moveMarkOf(machine(OLD, mark))).toBeUndefined();
  });
});

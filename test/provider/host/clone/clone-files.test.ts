import { describe, expect, test } from "vitest";
import { copiesAmong, copyName, draftName, tokenOf } from "../../../../provider/host/clone/clone-files.ts";

const mark = { urn: "urn:pulumi:dev::lab::esxi:DatastoreClone::student", digest: "d1" };
const run = { mark, base: "student", count: 2 };
const draft = (index: number) => draftName(mark, index);
const theirs = [
  "notes.vmdk",
  "student_2.vmdk",
  "student_02.vmdk",
  "student-000001.vmdk",
  "student2.vmdk",
  "copying-0.vmdk",
  draftName({ ...mark, digest: "d2" }, 0),
  draft(2),
  `${draft(0)}.txt`,
  `my-${draft(0)}`,
];

test("of a folder's files a run has made its drafts and its copies, with what holds their bytes", () => {
  const made = ["student.vmdk", "student-flat.vmdk", draft(1), draft(1).replace(".vmdk", "-flat.vmdk")];
  expect(copiesAmong([...made, ...theirs], run)).toEqual(made);
});

test("what bears the name of a copy is somebody else's as long as there is a draft of it, or of one before it", () => {
  expect(copiesAmong(["student.vmdk", "student_1.vmdk", draft(0)], run)).toEqual([draft(0)]);
  expect(copiesAmong(["student.vmdk", "student_1.vmdk", draft(1)], run)).toEqual(["student.vmdk", draft(1)]);
});

test("of a machine with many disks every one counts by its own number", () => {
  const names = ["student_9.vmdk", "student_10.vmdk", "student_11.vmdk", draft(10), draft(12)];
  expect(copiesAmong(names, { ...run, count: 12 })).toEqual(["student_9.vmdk", draft(10)]);
  const later = ["student_9.vmdk", "student_10.vmdk", "student_11.vmdk", draft(11)];
  expect(copiesAmong(later, { ...run, count: 12 })).toEqual(["student_9.vmdk", "student_10.vmdk", draft(11)]);
});

test("without drafts all copies are whole, as many as there were to be", () => {
  expect(copiesAmong(["student.vmdk", "student_1.vmdk", "student_2.vmdk"], run)).toEqual([
    "student.vmdk",
    "student_1.vmdk",
  ]);
  expect(copiesAmong(["student.vmdk"], { ...run, count: 0 })).toEqual([]);
  expect(copiesAmong(["other_1.vmdk", "my-student_1.vmdk", "student_01.vmdk"], run)).toEqual([]);
});

describe("an earlier release's run", () => {
  test("has drafts that do not say whose they are, and does not say how many disks there are", () => {
    const names = ["student.vmdk", "student_1.vmdk", "copying-1-flat.vmdk", draft(1)];
    expect(copiesAmong(names, { ...run, count: undefined })).toEqual(["student.vmdk", "copying-1-flat.vmdk"]);
  });
});

test("names of drafts say whose they are, and never change", () => {
  expect(draft(3)).toBe(`copying-${tokenOf(mark)}-3.vmdk`);
  expect(tokenOf(mark)).toBe("e049fdefb7cac647");
  expect([copyName("a", 0), copyName("a", 1)]).toEqual(["a.vmdk", "a_1.vmdk"]);
});

import { expect, test } from "vitest";
import { inFullOnce } from "../../../provider/runtime/told-once.ts";

const urn = (name: string) => `urn:pulumi:dev::lab::pulumi-nodejs:esxi:ScratchVm::${name}`;

test("the same problem of several resources is said in full to the first, and by its name to all others", () => {
  const problem = "lab-1: the host refused the user name or password";
  expect(inFullOnce(problem, urn("student-1"))).toBe(problem);
  expect(inFullOnce(problem, urn("student-2"))).toBe("as for student-1");
  expect(inFullOnce(problem, urn("student-3"))).toBe("as for student-1");
  expect(inFullOnce(problem, urn("student-1"))).toBe(problem);
  expect(inFullOnce("another problem", urn("student-2"))).toBe("another problem");
});

test("a resource that nobody knows hears all of it", () => {
  expect(inFullOnce("a third problem", urn("student-1"))).toBe("a third problem");
  expect(inFullOnce("a third problem", undefined)).toBe("a third problem");
});

import { expect, test } from "vitest";
import { messageWithHint } from "../../../provider/host/fault-hints.ts";
import { VimFault } from "../../../provider/vim/faults.ts";

const fault = ($type: string, hostMessage: string) =>
  new VimFault({ host: "esxi1", method: "PowerOnVM_Task", fault: { $type }, hostMessage });

test("a fault whose words leave people alone says what to do", () => {
  expect(messageWithHint(fault("RestrictedVersion", "Current license prohibits execution."))).toBe(
    "esxi1: PowerOnVM_Task failed: Current license prohibits execution (RestrictedVersion). " +
      "The host's licence allows no changes through its API (a free licence, or one that has expired): " +
      "assign another one in the host's client under Manage > Licensing.",
  );
});

test("a fault that derives from a known one has its hint", () => {
  expect(messageWithHint(fault("InsufficientMemoryResourcesFault", "no memory"))).toContain(
    "power off other machines",
  );
});

test("other errors keep their own words", () => {
  expect(messageWithHint(new Error("as it is"))).toBe("as it is");
  expect(messageWithHint(fault("GenericVmConfigFault", "odd"))).not.toContain("undefined");
});

test("what a host says cannot command a terminal, whatever kind of error it comes in", () => {
  const said = "\u001b]0;owned\u0007 \u009b2J\rnothing\u202e wrong\nhere\tand there";
  const shown = "\\x1b]0;owned\\x07 \\x9b2J\\x0dnothing\\u202e wrong\nhere\tand there";
  expect(messageWithHint(new Error(said))).toBe(shown);
  expect(messageWithHint(fault("RestrictedVersion", "\u001b[2J"))).toContain(
    "failed: \\x1b[2J (RestrictedVersion)",
  );
});

test("a message has an end", () => {
  expect(messageWithHint(new Error("9".repeat(1_000_000)))).toMatch(/^9{8000}… \(cut\)$/);
});

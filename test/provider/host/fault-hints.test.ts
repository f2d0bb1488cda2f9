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

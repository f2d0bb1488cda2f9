import { expect, test } from "vitest";
import {
  formatHardwareVersion,
  HARDWARE_VERSIONS,
  hardwareVersionProblem,
  parseHardwareVersion,
} from "../../../../../provider/host/vm/settings/hardware-version.ts";

test("versions are read and written as the API has them", () => {
  for (const version of HARDWARE_VERSIONS) {
    expect(parseHardwareVersion(formatHardwareVersion(version))).toBe(version);
  }
  expect(formatHardwareVersion(7)).toBe("vmx-07");
  expect(parseHardwareVersion("vmx-21")).toBe(21);
  expect(parseHardwareVersion(undefined)).toBe(0);
});

test.each([
  ["6.5", 13],
  ["6.7", 14],
  ["6.7.1", 14],
  ["6.7.2", 15],
  ["6.7.3", 15],
  ["7.0.0.0", 17],
  ["7.0.1.0", 18],
  ["7.0.2.0", 19],
  ["7.0.3.0", 19],
  ["8.0.0.1", 20],
  ["8.0.1.0", 20],
  ["8.0.2.0", 21],
  ["8.0.3.0", 21],
  ["9.0.0.0", 22],
])("ESXi %s runs hardware up to %i", (apiVersion, newest) => {
  for (const version of HARDWARE_VERSIONS) {
    expect(hardwareVersionProblem(version, apiVersion) === undefined).toBe(version <= newest);
  }
});

test("a version that is too new says what the host runs, and what the version needs", () => {
  expect(hardwareVersionProblem(21, "7.0.3.0")).toBe(
    "hardwareVersion 21 is newer than what the host runs: ESXi 7.0.3.0 runs up to 19, 21 needs ESXi 8.0.2",
  );
});

test("a host newer than this package is left to say itself what it runs", () => {
  expect(hardwareVersionProblem(22, "9.1.0.0")).toBeUndefined();
  expect(hardwareVersionProblem(22, "10.0.0.0")).toBeUndefined();
});

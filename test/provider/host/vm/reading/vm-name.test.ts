import { expect, test } from "vitest";
import {
  called,
  decodeVmName,
  encodeSnapshotName,
  encodeVmName,
} from "../../../../../provider/host/vm/reading/vm-name.ts";
import { Random } from "../../../vim/codec/random-values.ts";

test.each([
  ["plain name", "plain name"],
  ["100% / sure\\ly", "100%25 %2f sure%5cly"],
  ["%2f", "%252f"],
  ["ünïcødé-✓", "ünïcødé-✓"],
])("a host spells %s as %s", (name, encoded) => {
  expect(encodeVmName(name)).toBe(encoded);
  expect(decodeVmName(encoded)).toBe(name);
});

test("a host's own spelling may use capitals, and other escapes are no escapes", () => {
  expect(decodeVmName("a%2Fb%5Cc")).toBe("a/b\\c");
  expect(decodeVmName("50%20off %")).toBe("50%20off %");
});

test("any name comes back as it was", () => {
  const random = new Random(7);
  const letters = ["%", "/", "\\", "2", "5", "f", "c", "F", "C", "a", " ", "ü", "😀"];
  for (let round = 0; round < 2000; round++) {
    const name = Array.from({ length: random.integer(0, 12) }, () => random.pick(letters)).join("");
    const encoded = encodeVmName(name);
    expect(decodeVmName(encoded)).toBe(name);
    expect(encoded).not.toMatch(/[/\\]|%(?!25|2f|5c)/);
  }
});

test("a name means what is spelled exactly so, or else what has another spelling of that name", () => {
  const spelled = (name: string, ...all: string[]) => called(all, name, (one) => one);
  expect(spelled("a/b", "a%2fb", "c")).toEqual(["a%2fb"]);
  expect(spelled("a%2fb", "a/b", "c")).toEqual(["a/b"]);
  expect(spelled("a/b", "a%2fb", "a/b")).toEqual(["a/b"]);
  expect(spelled("a/b", "a%2Fb", "a%2fb")).toEqual(["a%2Fb", "a%2fb"]);
  expect(spelled("x", "a/b")).toEqual([]);
});

test.each(["50%", "a/b", "a\\b", "100%25 of %2f", "%2F", "plain"])(
  "a snapshot's name %j is read as it was sent, whether the host escapes it or not",
  (name) => {
    const sent = encodeSnapshotName(name);
    const escaped = sent
      .replace(/%(?!25|2f|5c)/gi, "%25")
      .replaceAll("/", "%2f")
      .replaceAll("\\", "%5c");
    expect([decodeVmName(sent), decodeVmName(escaped)]).toEqual([name, name]);
  },
);

import { expect, test } from "vitest";
import { decodeVmName, encodeVmName } from "../../../provider/host/vm-name.ts";
import { Random } from "../vim/codec/random-values.ts";

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

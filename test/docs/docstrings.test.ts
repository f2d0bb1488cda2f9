/** What docstrings of arguments must say beside what the compiler knows. */
import { expect, test } from "vitest";
import { type PublicProperty, publicProperties } from "./public-api.ts";

/** By their paths behind the class, since machines share most of them. */
function distinct(found: readonly PublicProperty[]): PublicProperty[] {
  return [...new Map(found.map((each) => [`${each.path.replace(/^\w+/, "")} ${each.text}`, each])).values()];
}

const pathsOf = (found: readonly PublicProperty[]): string[] => distinct(found).map(({ path }) => path);

test("every argument that is no text, number or yes and no has an example of its form", () => {
  const formed = publicProperties().filter(({ isScalar, isArgument }) => isArgument && !isScalar);
  expect(formed.length).toBeGreaterThan(20);
  const lacking = formed.filter(({ text }) => !/`[^`]*([[{]|=>)[^`]*`/.test(text));
  expect(pathsOf(lacking), "their docstrings show no form in code, such as `{ ip: true }`").toEqual([]);
});

/** Names of @pulumi/vsphere whose unit users know from there; docstrings say it. */
const OTHER_UNITS = ["shapingBurstSize", "mtu"];

test("a quantity has one unit wherever users meet it, or its name says which", () => {
  const numbers = publicProperties().filter(({ isNumber, name }) => isNumber && !OTHER_UNITS.includes(name));
  const wrong = numbers.filter(({ name, text }) => {
    if (/bytes$/i.test(name)) return !/bytes?/i.test(text);
    if (/seconds$/i.test(name)) return false;
    if (/mhz$/i.test(name)) return !/MHz/.test(text);
    if (/size|space/i.test(name)) return !/\bGB\b/.test(text);
    if (/memory/i.test(name) && !/share/i.test(name)) return !/\bMB\b/.test(text);
    if (/^cpu(Limit|Reservation)$/.test(name)) return !/MHz/.test(text);
    return /\b(bytes|KB|GB|minutes|seconds)\b/.test(text);
  });
  expect(pathsOf(wrong)).toEqual([]);
});

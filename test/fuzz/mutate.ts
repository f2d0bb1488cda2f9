import type { Chance } from "./chance.ts";

/** Runs of these are what makes careless patterns and parsers slow. */
const RUNS = [
  " ",
  "\n",
  "\t",
  "\0",
  "<",
  ">",
  "&",
  '"',
  "'",
  "(",
  ")",
  "{",
  "[",
  "]",
  "/",
  "-",
  "=",
  "9",
  "a",
  "|",
];
const MOST_REPEATED = 150_000;
const WORDS = [
  "<!--",
  "-->",
  "<![CDATA[",
  "]]>",
  "<?x ",
  "?>",
  "<!DOCTYPE x>",
  "&amp;",
  "&x;",
  "&#0;",
  "&#x110000;",
  'xmlns:a="b"',
  "__proto__",
  "constructor",
  "toString",
  "../",
  "/",
  "\\",
  "\u0000",
  "\ufffe",
  "\u2028",
  "-1",
  "0",
  "NaN",
  "1e999",
  "18446744073709551616",
  "99999999999999999999999999",
  `$\{x}`,
  "true",
  "null",
  "ValueMap{",
  "MinLen(",
  "SHA256(",
  'uuid.bios = "1"\n',
];
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** The text with one to four places changed. */
export function mutateText(text: string, chance: Chance): string {
  let result = text;
  for (let left = 1 + chance.below(4); left > 0; left--) result = changeText(result, chance);
  return result;
}

function changeText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  const length = chance.below(Math.min(200, text.length - at) + 1);
  const put = (piece: string, instead = 0) => text.slice(0, at) + piece + text.slice(at + instead);
  switch (chance.below(7)) {
    case 0:
      return put("", length);
    case 1:
      return put(chance.pick(WORDS), chance.below(2) * length);
    case 2:
      return put(chance.pick(RUNS).repeat(1 + chance.below(MOST_REPEATED)));
    case 3:
      return put(chance.pick(WORDS).repeat(1 + chance.below(MOST_REPEATED / 8)));
    case 4: {
      const from = chance.below(text.length + 1);
      return put(text.slice(from, from + chance.below(2000)));
    }
    case 5:
      return put(text.slice(at, at + length).repeat(1 + chance.below(300)), length);
    default:
      return text.slice(0, at);
  }
}

/** The bytes with one to four places changed. */
export function mutateBytes(bytes: Uint8Array, chance: Chance): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let left = 1 + chance.below(4); left > 0; left--) result = changeBytes(result, chance);
  return result;
}

function changeBytes(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1);
  const length = chance.below(Math.min(2048, bytes.length - at) + 1);
  switch (chance.below(7)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(chance.pick(WORDS)), bytes.subarray(at)]);
    case 2: {
      const number = Buffer.alloc(4);
      number.writeUInt32LE(chance.pick(NUMBERS));
      return Buffer.concat([bytes.subarray(0, at), number, bytes.subarray(at + 4)]).subarray(0, bytes.length);
    }
    case 3: {
      const from = chance.below(bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at)]);
    }
    case 4:
      return bytes.subarray(0, at);
    default: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
      return copy;
    }
  }
}

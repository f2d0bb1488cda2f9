/** Quantities with units in OVF: `byte * 2^20`, or the older `MegaBytes`. */

const NAMED: Readonly<Record<string, number>> = {
  byte: 1,
  bytes: 1,
  kb: 2 ** 10,
  kilobytes: 2 ** 10,
  mb: 2 ** 20,
  megabytes: 2 ** 20,
  gb: 2 ** 30,
  gigabytes: 2 ** 30,
  tb: 2 ** 40,
  terabytes: 2 ** 40,
};

/** Bytes in one unit. Undefined if it is no unit of memory. */
export function bytesPerUnit(units: string): number | undefined {
  const text = units.trim().toLowerCase();
  const named = NAMED[text];
  if (named !== undefined) return named;
  const match = /^byte\s*\*\s*(\d+)(?:\s*\^\s*(\d+))?$/.exec(text);
  if (!match) return undefined;
  const factor = Number(match[1]) ** Number(match[2] ?? "1");
  return Number.isSafeInteger(factor) && factor > 0 ? factor : undefined;
}

/** A whole number that is not negative. Undefined for anything else. */
export function parseQuantity(text: string): number | undefined {
  const trimmed = text.trim();
  const value = /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Names that OVF 0.9 and hand-written descriptors use instead of DSP0004's programmatic units. */
const NAMED_UNITS: Readonly<Record<string, number>> = {
  byte: 1,
  bytes: 1,
  kilobytes: 2 ** 10,
  megabytes: 2 ** 20,
  gigabytes: 2 ** 30,
  terabytes: 2 ** 40,
  kibibyte: 2 ** 10,
  mebibyte: 2 ** 20,
  gibibyte: 2 ** 30,
  tebibyte: 2 ** 40,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
};

/**
 * How many bytes a programmatic unit such as `byte * 2^30` means.
 * @returns Undefined if the unit is not one of bytes.
 */
export function bytesPerUnit(unit: string): number | undefined {
  let product = 1;
  for (const factor of unit.split("*")) {
    const text = factor.trim().toLowerCase();
    const power = /^(\d+)\s*\^\s*(\d+)$/.exec(text);
    const value = power
      ? Number(power[1]) ** Number(power[2])
      : /^\d+$/.test(text)
        ? Number(text)
        : NAMED_UNITS[text];
    if (value === undefined) return undefined;
    product *= value;
  }
  return Number.isSafeInteger(product) && product > 0 ? product : undefined;
}

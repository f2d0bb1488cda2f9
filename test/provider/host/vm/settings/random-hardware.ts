import fc from "fast-check";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import { type HARDWARE_CASES, ofCases } from "./hardware-cases.ts";

type Drawn = Exclude<keyof typeof HARDWARE_CASES, "cpuShareCount" | "memoryShareCount">;

/** What hardware, boot and allocation may be, by setting; each fits what the others may be, if completed. */
export const RANDOM_HARDWARE = ofCases(
  ({ values }) => values,
  ({ values }) => values !== undefined,
) as { readonly [Name in Drawn]: fc.Arbitrary<unknown> };

/** The same with what some of these settings cannot do without, and without what has no meaning then. */
export function completeHardware(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { cpuShareCount: _, memoryShareCount: __, ...others } = settings;
  return {
    ...others,
    ...(others.cpuShareLevel === "custom" && { cpuShareCount: 1234 }),
    ...(others.memoryShareLevel === "custom" && { memoryShareCount: 77 }),
    ...(others.efiSecureBootEnabled === true && { firmware: "efi" }),
    ...(others.vbsEnabled === true && {
      firmware: "efi",
      efiSecureBootEnabled: true,
      nestedHvEnabled: true,
      vvtdEnabled: true,
    }),
  };
}

/** Settings that go together, any of them, in any order. */
export const randomHardware: fc.Arbitrary<VmWishes> = fc
  .record(RANDOM_HARDWARE, { requiredKeys: [] })
  .chain((drawn) => {
    const entries = Object.entries(completeHardware(drawn));
    return fc
      .shuffledSubarray(entries, { minLength: entries.length })
      .map((shuffled) => Object.fromEntries(shuffled));
  });

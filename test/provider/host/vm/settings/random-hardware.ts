import fc from "fast-check";
import { BOOT_DEVICES } from "../../../../../provider/host/vm/settings/boot-order.ts";
import { GUEST_IDS } from "../../../../../provider/host/vm/settings/guest-ids.ts";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";

const yesOrNo = fc.boolean();
const level = fc.constantFrom("low", "normal", "high", "custom");
const orNone = (low: number, high: number) => fc.oneof(fc.constant(-1), fc.integer({ min: low, max: high }));

/** What hardware, boot and allocation may be, by setting; each fits what the others may be, if completed. */
export const RANDOM_HARDWARE = {
  cpuHotAddEnabled: yesOrNo,
  cpuHotRemoveEnabled: yesOrNo,
  memoryHotAddEnabled: yesOrNo,
  nestedHvEnabled: yesOrNo,
  cpuLimit: orNone(1000, 9000),
  cpuReservation: fc.integer({ min: 0, max: 100 }),
  cpuShareLevel: level,
  memoryLimit: orNone(64, 4096),
  memoryReservation: fc.integer({ min: 0, max: 16 }),
  memoryShareLevel: level,
  firmware: fc.constantFrom("bios", "efi"),
  efiSecureBootEnabled: yesOrNo,
  bootDelay: fc.integer({ min: 0, max: 10_000 }),
  bootRetryEnabled: yesOrNo,
  bootRetryDelay: fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1000),
  bootOrder: fc.shuffledSubarray([...BOOT_DEVICES]),
  guestId: fc.constantFrom(...GUEST_IDS),
  // A machine that exists cannot be given an older one.
  hardwareVersion: fc.constant(21),
  videoMemory: fc.integer({ min: 2, max: 256 }),
  enableDiskUuid: yesOrNo,
  enableLogging: yesOrNo,
  syncTimeWithHost: yesOrNo,
  toolsUpgradePolicy: fc.constantFrom("manual", "upgradeAtPowerCycle"),
  vvtdEnabled: yesOrNo,
  vbsEnabled: yesOrNo,
} satisfies { readonly [K in keyof VmWishes]?: fc.Arbitrary<unknown> };

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

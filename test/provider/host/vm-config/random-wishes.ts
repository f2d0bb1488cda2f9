import { BOOT_DEVICES } from "../../../../provider/host/vm-config/boot-order.ts";
import type { VmWishes } from "../../../../provider/host/vm-config/facets.ts";
import { GUEST_IDS } from "../../../../provider/host/vm-config/guest-ids.ts";
import { HARDWARE_VERSIONS } from "../../../../provider/host/vm-config/hardware-version.ts";

/** A number from 0 to below 1, always the same ones for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Hardware, boot and allocation that pass the check, each setting with a chance of one half, in any order. */
export function randomHardware(random: () => number): VmWishes {
  const whole = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const one = <T>(options: readonly T[]): T => options[whole(0, options.length - 1)] as T;
  const flip = () => random() < 0.5;
  const shares = (what: "cpu" | "memory") => {
    const level = one(["low", "normal", "high", "custom"] as const);
    return {
      [`${what}ShareLevel`]: level,
      ...(level === "custom" && { [`${what}ShareCount`]: whole(1, 5000) }),
    };
  };
  const groups: (() => VmWishes)[] = [
    () => ({ cpuHotAddEnabled: flip() }),
    () => ({ cpuHotRemoveEnabled: flip() }),
    () => ({ memoryHotAddEnabled: flip() }),
    () => ({ nestedHvEnabled: flip() }),
    () => ({ cpuLimit: flip() ? -1 : whole(1000, 9000) }),
    () => ({ cpuReservation: whole(0, 1000) }),
    () => shares("cpu"),
    () => ({ memoryLimit: flip() ? -1 : whole(512, 4096) }),
    () => ({ memoryReservation: whole(0, 256) }),
    () => shares("memory"),
    () => {
      const firmware = one(["bios", "efi"] as const);
      return { firmware, ...(flip() && { efiSecureBootEnabled: firmware === "efi" && flip() }) };
    },
    () => ({ bootDelay: whole(0, 10_000) }),
    () => ({ bootRetryEnabled: flip() }),
    () => ({ bootRetryDelay: whole(0, 60) * 1000 }),
    () => ({ bootOrder: BOOT_DEVICES.filter(flip).sort(() => random() - 0.5) }),
    () => ({ guestId: one(GUEST_IDS) }),
    () => ({ hardwareVersion: one(HARDWARE_VERSIONS.filter((version) => version >= 14)) }),
    () => ({ videoMemory: whole(2, 256) }),
    () => ({ enableDiskUuid: flip() }),
    () => ({ enableLogging: flip() }),
    () => ({ syncTimeWithHost: flip() }),
    () => ({ toolsUpgradePolicy: one(["manual", "upgradeAtPowerCycle"] as const) }),
    () => ({ vvtdEnabled: flip() }),
  ];
  const drawn = groups.filter(flip).flatMap((group) => Object.entries(group()));
  return Object.fromEntries(drawn.sort(() => random() - 0.5));
}

/** Random settings of virtual machines that a host takes, and how the raw host shows each. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Properties } from "../../../provider/resources/lifecycle.ts";
import type { VirtualMachineConfigInfo } from "../../../schema/index.ts";
import { completeHardware, RANDOM_HARDWARE } from "../host/vm-config/random-hardware.ts";
import { HARDWARE_SHOWN } from "./hardware-shown.ts";

/** A setting, what it may be, and how the raw host shows it. */
interface RandomSetting {
  readonly values: fc.Arbitrary<unknown>;
  /** Fails unless the host has it. */
  readonly shows: (config: VirtualMachineConfigInfo, value: never) => void;
}

const text = fc
  .string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 })
  .filter((each) => each.trim() !== "");
const yesOrNo = fc.boolean();
const extra = (config: VirtualMachineConfigInfo, key: string) =>
  config.extraConfig?.find((option) => option.key === key)?.value;

function setting<T>(
  values: fc.Arbitrary<T>,
  shows: (config: VirtualMachineConfigInfo, value: T) => void,
): RandomSetting {
  return { values, shows };
}

/** A setting that is one value of the configuration. */
function plain<T>(
  values: fc.Arbitrary<T>,
  read: (config: VirtualMachineConfigInfo) => unknown,
): RandomSetting {
  return setting(values, (config, value: T) => expect(read(config)).toEqual(value));
}

const devices = (config: VirtualMachineConfigInfo, type: RegExp) =>
  (config.hardware.device ?? []).filter((device) => type.test(device.$type ?? ""));

const macAddress = fc
  .tuple(fc.integer({ min: 0, max: 0x3f }), fc.integer({ min: 0, max: 0xffff }))
  .map(([high, low]) => {
    const digits = ((high << 16) | low).toString(16).padStart(6, "0");
    return `00:50:56:${digits.match(/../g)?.join(":")}`;
  });

const CARDS = {
  vmxnet3: "VirtualVmxnet3",
  e1000e: "VirtualE1000e",
  e1000: "VirtualE1000",
  pcnet32: "VirtualPCNet32",
};

/** A machine has no floppy drive, and not all have a CD-ROM drive or a disk. */
const bootOrder = fc.constantFrom([], ["ethernet"]);

/** What can be drawn for every kind of virtual machine, by setting. */
export const RANDOM_SETTINGS: Readonly<Record<string, RandomSetting>> = {
  ...Object.fromEntries(
    Object.entries({ ...RANDOM_HARDWARE, bootOrder }).map(([key, values]) => [
      key,
      plain<unknown>(values, HARDWARE_SHOWN[key as keyof typeof RANDOM_HARDWARE]),
    ]),
  ),
  numCpus: plain(fc.constantFrom(2, 4, 8), ({ hardware }) => hardware.numCPU),
  numCoresPerSocket: plain(fc.constantFrom(1, 2), ({ hardware }) => hardware.numCoresPerSocket),
  memory: plain(
    fc.integer({ min: 16, max: 512 }).map((number) => number * 4),
    ({ hardware }) => hardware.memoryMB,
  ),
  annotation: plain(text, ({ annotation }) => annotation),
  extraConfig: setting(
    fc.dictionary(fc.constantFrom("guestinfo.x", "guestinfo.y", "disk.locking"), text, { maxKeys: 3 }),
    (config, value) => {
      for (const [key, wanted] of Object.entries(value)) expect(extra(config, key)).toBe(wanted);
    },
  ),
  guestInfo: setting(
    fc.dictionary(fc.constantFrom("a", "b.c", "d-e"), text, { maxKeys: 3 }),
    (config, value) => {
      for (const [key, wanted] of Object.entries(value))
        expect(extra(config, `guestinfo.${key}`)).toBe(wanted);
    },
  ),
  cloudInit: setting(fc.record({ userData: text }), (config, value) => {
    expect(Buffer.from(String(extra(config, "guestinfo.userdata")), "base64").toString()).toBe(
      value.userData,
    );
  }),
  networkInterfaces: setting(
    fc.uniqueArray(
      fc.record(
        {
          network: fc.constantFrom("VM Network", "lab-net"),
          adapterType: fc.constantFrom("vmxnet3", "e1000e", "e1000", "pcnet32"),
          macAddress,
        },
        { requiredKeys: ["network"] },
      ),
      { maxLength: 4, selector: ({ macAddress: mac }) => mac ?? {} },
    ),
    (config, wanted) => {
      const cards = devices(config, /^Virtual(Vmxnet3|E1000e?|PCNet32)$/);
      expect(cards).toHaveLength(wanted.length);
      for (const [index, { network, adapterType = "", macAddress: mac }] of wanted.entries()) {
        const card = cards[index];
        expect(card?.backing).toMatchObject({ deviceName: network });
        if (adapterType in CARDS) expect(card?.$type).toBe(CARDS[adapterType as keyof typeof CARDS]);
        if (mac !== undefined) expect(card).toMatchObject({ addressType: "manual", macAddress: mac });
      }
    },
  ),
};

/** Settings for one machine: any of those that can be drawn. */
export const randomSettings: fc.Arbitrary<Properties> = fc.record(
  {
    powerOn: yesOrNo,
    ...Object.fromEntries(Object.entries(RANDOM_SETTINGS).map(([key, { values }]) => [key, values])),
  },
  { requiredKeys: ["powerOn"] },
);

/** The same with what some of the settings cannot do without. */
export function complete(settings: Properties): Properties {
  const { numCoresPerSocket, numCpus } = settings;
  const boots = Array.isArray(settings.bootOrder) && settings.bootOrder.includes("ethernet");
  const hasAdapter = Array.isArray(settings.networkInterfaces) && settings.networkInterfaces.length > 0;
  return completeHardware({
    ...settings,
    ...(numCoresPerSocket !== undefined && { numCpus: numCpus ?? 4 }),
    ...(boots && !hasAdapter && { networkInterfaces: [{ network: "lab-net" }] }),
  });
}

/** Fails unless the raw host has all that the settings ask for. */
export function expectShown(config: VirtualMachineConfigInfo, settings: Properties): void {
  for (const [key, value] of Object.entries(settings)) {
    RANDOM_SETTINGS[key]?.shows(config, value as never);
  }
}

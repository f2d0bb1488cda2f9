/** Random settings of virtual machines that a host takes, and how the raw host shows each. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import type { VirtualMachineConfigInfo } from "../../../schema/index.ts";
import { shown } from "../host/vm/settings/hardware-cases.ts";
import { completeHardware, RANDOM_HARDWARE } from "../host/vm/settings/random-hardware.ts";

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

/** What the guest is told under a key. */
const decoded = (config: VirtualMachineConfigInfo, key: string) =>
  Buffer.from(String(extra(config, `guestinfo.${key}`)), "base64").toString();
const SSH_KEYS = ["a", "b"].map((name) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.repeat(43)} ${name}`);

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
  .tuple(
    fc.constantFrom("00:50:56", "52:54:00", "02:00:00", "00:15:5d"),
    fc.integer({ min: 0, max: 0x3f }),
    fc.integer({ min: 0, max: 0xffff }),
  )
  .map(([maker, high, low]) => {
    const digits = ((high << 16) | low).toString(16).padStart(6, "0");
    return `${maker}:${digits.match(/../g)?.join(":")}`;
  });

const CARDS = {
  vmxnet3: "VirtualVmxnet3",
  e1000e: "VirtualE1000e",
  e1000: "VirtualE1000",
  pcnet32: "VirtualPCNet32",
};

/** A disk that is there already, and stays. */
export const SHARED = "[datastore1] shared/shared.vmdk";
/** Disks that may be added, and what of each never changes. */
const DISKS: Readonly<Record<string, Properties>> = {
  "data a": { controller: "pvscsi" },
  "data b": { controller: "lsilogic", provisioning: "thick" },
  "data c": { controller: "sata" },
  "data d": { controller: "nvme", provisioning: "eagerZeroedThick" },
  "data e": { controller: "buslogic", busNumber: 3, unitNumber: 5 },
  "data f": { controller: "sata", busNumber: 1, datastore: "datastore2" },
  "data g": { attach: SHARED, controller: "nvme" },
  "data h": { controller: "ide" },
  "data i": { controller: "ide" },
};
/** Files that are on the datastore, and what a serial port may write there. */
export const MEDIA = ["a.iso", "b.iso", "a.flp", "serial.txt"];

/** Each key there or not, besides those that it cannot do without. */
const partly = (
  shape: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  requiredKeys: readonly string[] = [],
) => fc.record(shape, { requiredKeys: [...requiredKeys] });

const medium = (key: string, ...files: readonly string[]): fc.Arbitrary<Properties>[] => [
  fc.constant({}),
  partly({ [key]: fc.constantFrom(...files.map((file) => `[datastore1] ${file}`)), connected: yesOrNo }, [
    key,
  ]),
  partly({ hostDevice: fc.constantFrom(true, "the drive"), connected: yesOrNo }, ["hostDevice"]),
];

/** What can be drawn for every kind of virtual machine, by setting. */
export const RANDOM_SETTINGS: Readonly<Record<string, RandomSetting>> = {
  ...Object.fromEntries(
    Object.entries(RANDOM_HARDWARE).map(([key, values]) => [
      key,
      plain(values, (config) => shown(key)?.(config)),
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
  cloudInit: setting(
    partly({
      userData: text,
      metaData: fc.record({ "instance-id": text }),
      networkConfig: fc.record({ version: fc.constantFrom(1, 2) }),
    }),
    (config, { userData, metaData, networkConfig }) => {
      if (userData !== undefined) expect(decoded(config, "userdata")).toBe(userData);
      if (metaData) expect(JSON.parse(decoded(config, "metadata"))).toMatchObject(metaData);
      if (networkConfig === undefined) return;
      const { network } = JSON.parse(decoded(config, "metadata"));
      expect(JSON.parse(Buffer.from(network, "base64").toString())).toEqual(networkConfig);
    },
  ),
  ignition: setting(fc.record({ version: fc.constantFrom("3.3.0", "3.4.0") }), (config, value) => {
    expect(JSON.parse(decoded(config, "ignition.config.data"))).toEqual(value);
  }),
  sshAuthorizedKeys: setting(
    fc.uniqueArray(fc.constantFrom(...SSH_KEYS), { minLength: 1 }),
    (config, value) => {
      expect(JSON.parse(decoded(config, "metadata"))["public-keys"]).toEqual(value);
    },
  ),
  guest: setting(
    fc.record(
      {
        hostname: fc.constantFrom("web", "db.lab.local"),
        timezone: fc.constantFrom("Europe/Paris", "UTC"),
        packages: fc.uniqueArray(fc.constantFrom("nginx", "git"), { minLength: 1 }),
      },
      { requiredKeys: ["hostname", "timezone"] },
    ),
    (config, value) => {
      const { hostname, ...others } = value;
      expect(JSON.parse(decoded(config, "metadata"))).toMatchObject({ "local-hostname": hostname });
      expect(JSON.parse(decoded(config, "vendordata").replace("#cloud-config\n", ""))).toEqual(others);
    },
  ),
  networkInterfaces: setting(
    fc.uniqueArray(
      fc.record(
        {
          network: fc.constantFrom("VM Network", "lab-net"),
          adapterType: fc.constantFrom("vmxnet3", "e1000e", "e1000", "pcnet32"),
          macAddress,
          connected: yesOrNo,
        },
        { requiredKeys: ["network"] },
      ),
      { maxLength: 4, selector: ({ macAddress: mac }) => mac ?? {} },
    ),
    (config, wanted) => {
      const cards = devices(config, /^Virtual(Vmxnet3|E1000e?|PCNet32)$/);
      expect(cards).toHaveLength(wanted.length);
      for (const [
        index,
        { network, adapterType = "", macAddress: mac, connected = true },
      ] of wanted.entries()) {
        const card = cards[index];
        expect(card?.backing).toMatchObject({ deviceName: network });
        expect(card?.connectable?.startConnected).toBe(connected);
        if (adapterType in CARDS) expect(card?.$type).toBe(CARDS[adapterType as keyof typeof CARDS]);
        if (mac !== undefined) expect(card).toMatchObject({ addressType: "manual", macAddress: mac });
      }
    },
  ),
  bootOrder: setting(
    fc.shuffledSubarray(["disk", "cdrom", "ethernet", "floppy"], { minLength: 1 }),
    ({ bootOptions }, wanted) => {
      const there = (bootOptions?.bootOrder ?? []).map(
        ({ $type = "" }) => /Bootable(\w+)Device$/.exec($type)?.[1],
      );
      expect(there.map((kind) => kind?.toLowerCase())).toEqual(wanted);
    },
  ),
  disks: setting(
    fc.uniqueArray(
      partly(
        {
          label: fc.constantFrom(...Object.keys(DISKS)),
          size: fc.integer({ min: 1, max: 12 }).map((megabytes) => megabytes / 1024),
          mode: fc.constantFrom("persistent", "independent_persistent", "independent_nonpersistent"),
        },
        ["label", "size"],
      ),
      { selector: ({ label }) => label },
    ),
    (
      config,
      wanted: readonly { readonly attach?: string; readonly size?: number; readonly mode?: string }[],
    ) => {
      const there = devices(config, /^VirtualDisk$/).map((disk) => ({
        size: "capacityInKB" in disk ? Number(disk.capacityInKB) / 1024 ** 2 : 0,
        ...(disk.backing && "fileName" in disk.backing && { attach: disk.backing.fileName }),
        ...(disk.backing && "diskMode" in disk.backing && { mode: disk.backing.diskMode }),
      }));
      for (const { size, attach, mode } of wanted) {
        expect(there).toContainEqual(
          expect.objectContaining({
            ...(mode && { mode }),
            ...(attach === undefined ? { size } : { attach }),
          }),
        );
      }
    },
  ),
  cdroms: setting(
    fc.array(
      fc
        .tuple(fc.oneof(...medium("iso", "a.iso", "b.iso")), fc.boolean())
        .map(([drive, onSata]) => ({ ...drive, ...(onSata && { controller: "sata" }) })),
      { maxLength: 2 },
    ),
    (config, wanted: readonly Properties[]) => {
      const drives = devices(config, /^VirtualCdrom$/);
      const isos = drives.flatMap(({ backing }) =>
        backing?.$type === "VirtualCdromIsoBackingInfo" && "fileName" in backing ? [backing.fileName] : [],
      );
      expect(drives).toHaveLength(wanted.length);
      expect(isos.sort()).toEqual(wanted.flatMap(({ iso }) => iso ?? []).sort());
    },
  ),
  floppy: setting(
    fc.oneof(fc.constant(false), ...medium("image", "a.flp")),
    (config, wanted: Properties | false) => {
      const drives = devices(config, /^VirtualFloppy$/);
      expect(drives).toHaveLength(wanted === false ? 0 : 1);
      if (wanted === false) return;
      if ("image" in wanted) expect(drives[0]?.backing).toMatchObject({ fileName: wanted.image });
      if ("connected" in wanted) expect(drives[0]?.connectable?.startConnected).toBe(wanted.connected);
    },
  ),
  serialPorts: setting(
    fc.array(
      fc.oneof(
        partly(
          {
            networkUri: fc.constantFrom("telnet://:7000", "tcp://192.0.2.1:7001"),
            direction: fc.constantFrom("server", "client"),
            proxyUri: fc.constant("telnet://192.0.2.9:13370"),
            yieldOnPoll: yesOrNo,
          },
          ["networkUri", "direction"],
        ),
        partly({ file: fc.constant("[datastore1] serial.txt"), yieldOnPoll: yesOrNo }, ["file"]),
        partly({ hostDevice: fc.constant("/dev/char/serial/uart0"), yieldOnPoll: yesOrNo }, ["hostDevice"]),
      ),
      { maxLength: 2 },
    ),
    (config, wanted: readonly Properties[]) => {
      const ports = devices(config, /^VirtualSerialPort$/);
      expect(ports).toHaveLength(wanted.length);
      for (const [index, port] of wanted.entries()) {
        const { networkUri, direction, proxyUri, file, hostDevice, yieldOnPoll = true } = port;
        expect(ports[index]).toMatchObject({ yieldOnPoll });
        expect(ports[index]?.backing).toMatchObject({
          ...(networkUri !== undefined && { serviceURI: networkUri, direction }),
          ...(proxyUri !== undefined && { proxyURI: proxyUri }),
          ...(file !== undefined && { fileName: file }),
          ...(hostDevice !== undefined && { deviceName: hostDevice }),
        });
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

/**
 * The same with what some of the settings cannot do without, and without what cannot stand beside others.
 * @param before What the machine has already: a disk never shrinks.
 */
export function complete(settings: Properties, before: Properties = {}): Properties {
  const whole: Record<string, unknown> = { ...completeHardware(settings) };
  if (whole.numCoresPerSocket !== undefined) whole.numCpus ??= 4;
  if (Array.isArray(whole.disks)) whole.disks = whole.disks.map((disk) => withFixed(disk, before.disks));
  if (whole.guest !== undefined) {
    // Both would tell the guest the same.
    delete whole.ignition;
    const { metaData: _, networkConfig: __, ...others } = (whole.cloudInit ?? {}) as Properties;
    if (whole.cloudInit !== undefined) whole.cloudInit = others;
  }
  const has: Readonly<Record<string, unknown>> = {
    disk: whole.disks,
    cdrom: whole.cdroms,
    ethernet: whole.networkInterfaces,
    floppy: whole.floppy && [whole.floppy],
  };
  if (Array.isArray(whole.bootOrder)) {
    whole.bootOrder = whole.bootOrder.filter((kind) => Array.isArray(has[kind]) && has[kind].length > 0);
  }
  return whole;
}

function withFixed(disk: { readonly label: string; readonly size?: number }, before: unknown): Properties {
  const was = Array.isArray(before) ? before.find(({ label }) => label === disk.label) : undefined;
  const { size = 0, ...others } = disk;
  const fixed = DISKS[disk.label];
  if (fixed?.attach !== undefined) return { ...fixed, ...others };
  return { ...fixed, ...others, size: Math.max(size, was?.size ?? 0) };
}

/** Fails unless the raw host has all that the settings ask for. */
export function expectShown(config: VirtualMachineConfigInfo, settings: Properties): void {
  for (const [key, value] of Object.entries(settings)) {
    RANDOM_SETTINGS[key]?.shows(config, value as never);
  }
}

import fc from "fast-check";
import { DISK_CONTROLLERS, familyOf } from "../../../../../provider/host/vm/settings/buses.ts";
import type { CdromWish } from "../../../../../provider/host/vm/settings/cdroms.ts";
import { DISK_MODES } from "../../../../../provider/host/vm/settings/disk-facts.ts";
import type { DiskWish } from "../../../../../provider/host/vm/settings/disk-wish.ts";
import type { FloppyWish } from "../../../../../provider/host/vm/settings/floppy.ts";
import {
  ADAPTER_TYPES,
  type AdapterWish,
} from "../../../../../provider/host/vm/settings/network-interfaces.ts";
import type { SerialPortWish } from "../../../../../provider/host/vm/settings/serial-ports.ts";

/** Each key there or not. */
const partly = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const mac = fc.integer({ min: 0, max: 0x3fffff }).map((number) => {
  const [a, b, c] = [number >> 16, (number >> 8) & 255, number & 255].map((byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return `00:50:56:${a}:${b}:${c}`;
});

export const adapters: fc.Arbitrary<AdapterWish[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom("VM Network", "lab-net"),
      partly<AdapterWish>({
        network: fc.constant(""),
        adapterType: fc.constantFrom(...ADAPTER_TYPES),
        macAddress: mac,
        connected: fc.boolean(),
      }),
    )
    .map(([network, rest]) => ({ ...rest, network })),
  { maxLength: 10 },
);

const medium = fc.oneof(
  fc.constant({}),
  fc.constantFrom("[ds] iso/a.iso", "[ds] iso/b.iso").map((iso) => ({ iso })),
  fc.constantFrom(true as const, "/dev/cdrom").map((hostDevice) => ({ hostDevice })),
);

const connectedIf = <T extends object>(drive: T, connected: boolean | undefined) =>
  connected === undefined || Object.keys(drive).length === 0 ? drive : { ...drive, connected };

export const drives: fc.Arbitrary<CdromWish[]> = fc.array(
  fc
    .tuple(medium, fc.option(fc.boolean(), { nil: undefined }), fc.constantFrom(undefined, "sata" as const))
    .map(([drive, connected, controller]) => ({
      ...connectedIf(drive, connected),
      ...(controller && { controller }),
    })),
  { maxLength: 4 },
);

export const floppies: fc.Arbitrary<FloppyWish> = fc.oneof(
  fc.constant<FloppyWish>(false),
  fc.constantFrom<FloppyWish>({}, { image: "[ds] a.flp" }, { hostDevice: true }, { hostDevice: "fd0" }),
  fc.boolean().map((connected) => ({ image: "[ds] b.flp", connected })),
);

export const ports: fc.Arbitrary<SerialPortWish[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom<SerialPortWish>(
        { file: "[ds] vm/log.txt" },
        { networkUri: "telnet://:7000" },
        { networkUri: "tcp://192.0.2.1:7000", direction: "client" },
        { networkUri: "tcp://:1", direction: "server", proxyUri: "telnet://192.0.2.9:13370" },
        { hostDevice: "/dev/char/serial/uart0" },
      ),
      fc.constantFrom(undefined, true, false),
    )
    .map(([port, yieldOnPoll]) => (yieldOnPoll === undefined ? port : { ...port, yieldOnPoll })),
  { maxLength: 4 },
);

/** What may change of a disk while it stays the same disk; sizes only grow with the step. */
const changeable = partly<DiskWish>({
  label: fc.constant(""),
  mode: fc.constantFrom(...DISK_MODES),
  keepOnRemove: fc.boolean(),
});

/** Files that are there to be attached. */
export const ATTACHABLE = ["[ds] data/a.vmdk", "[other] data/b.vmdk"];

/** Controllers with a fixed place for each label, so that no two wishes ever collide. */
const placed = (label: string, number: number) =>
  fc.constantFrom(...DISK_CONTROLLERS).map((controller): Partial<DiskWish> => {
    const family = familyOf(controller);
    if (family === "ide") return {};
    // One kind of SCSI controller per bus.
    const kinds = ["pvscsi", "lsilogic", "lsilogic-sas", "buslogic"];
    const busNumber = family === "scsi" ? kinds.indexOf(controller) : number % 4;
    return { label, controller, busNumber, unitNumber: 8 + number };
  });

const LABELS = ["data", "logs", "disk0", "disk1", "swap"];

/** A list of disks with some of the labels, in any order. @param step Sizes grow with it. */
export const disksAt = (step: number): fc.Arbitrary<DiskWish[]> =>
  fc
    .subarray(LABELS)
    .chain((labels) =>
      fc
        .tuple(...labels.map((label) => oneDisk(label, LABELS.indexOf(label), step)))
        .chain((disks) => fc.shuffledSubarray(disks, { minLength: disks.length })),
    );

function oneDisk(label: string, number: number, step: number): fc.Arbitrary<DiskWish> {
  // What a label stands for never changes.
  if (label === "swap")
    return changeable.map(({ mode }) => ({ label, attach: ATTACHABLE[0] ?? "", ...(mode && { mode }) }));
  return fc
    .tuple(changeable, fc.option(placed(label, number), { nil: {} }), fc.integer({ min: 1, max: 50 }))
    .map(([some, place, megabytes]) => ({ ...some, ...place, label, size: (step * 100 + megabytes) / 1024 }));
}

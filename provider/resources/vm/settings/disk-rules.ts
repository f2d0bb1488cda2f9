import { BUSES, DISK_CONTROLLERS, type DiskController, familyOf } from "../../../host/vm/settings/buses.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { entriesOf } from "./entries.ts";

/** Combinations of disks that are not valid, and changes of existing disks that no host can make. */
export function diskRules(olds: Properties, inputs: Properties): CheckFailure[] {
  const entries = entriesOf(inputs.disks);
  const before = new Map(entriesOf(olds.disks).map((entry) => [entry.label, entry]));
  return [
    ...entries.flatMap((entry, index) =>
      [
        ...labelRules(entry, index, entries, before),
        ...attachRules(entry),
        ...placeRules(entry),
        ...changeRules(entry, before.get(entry.label)),
      ].map(({ property, reason }) => ({ property: `disks.${index}.${property}`, reason })),
    ),
    ...sharedPlaces(entries),
    ...tooMany(entries, entriesOf(inputs.cdroms)),
  ];
}

/** A machine from nothing has only disks that are made for it, or attached to it. */
export function newDiskRules({ disks, adopt }: Properties): CheckFailure[] {
  if (adopt !== undefined) return [];
  return entriesOf(disks).flatMap(({ label, size, attach }, index) =>
    size === undefined && attach === undefined && isSourceLabel(label)
      ? [{ property: `disks.${index}.size`, reason: SIZE_REQUIRED }]
      : [],
  );
}

const SIZE_REQUIRED = "is required for a new disk, unless one is attached";

const isSourceLabel = (label: unknown) => typeof label === "string" && /^disk\d+$/.test(label);

function labelRules(
  { label, size, attach }: Properties,
  index: number,
  entries: readonly Properties[],
  before: ReadonlyMap<unknown, Properties>,
): CheckFailure[] {
  if (label === undefined) {
    const labels = [...before.keys()].join(", ");
    const reason =
      `must be given: the list has become shorter, and it is not certain which of ${labels} is to be removed. ` +
      "Give each entry that stays the label of its disk";
    return [{ property: "label", reason }];
  }
  if (typeof label !== "string") return [];
  const first = entries.findIndex((entry) => entry.label === label);
  if (first !== index) return [{ property: "label", reason: `is also that of disks.${first}` }];
  if (size === undefined && attach === undefined && !isSourceLabel(label)) {
    return [{ property: "size", reason: SIZE_REQUIRED }];
  }
  return [];
}

function attachRules(entry: Properties): CheckFailure[] {
  if (entry.attach === undefined) return [];
  return ["size", "provisioning", "datastore", "keepOnRemove"]
    .filter((key) => entry[key] !== undefined)
    .map((property) => ({ property, reason: "cannot be given for a disk that is attached" }));
}

function placeRules({ controller, busNumber, unitNumber }: Properties): CheckFailure[] {
  if (!isController(controller)) return [];
  const { controllers, units, reserved } = BUSES[familyOf(controller)];
  const failures: CheckFailure[] = [];
  if (typeof busNumber === "number" && busNumber >= controllers) {
    failures.push({ property: "busNumber", reason: `must be at most ${controllers - 1} for ${controller}` });
  }
  if (typeof unitNumber === "number" && unitNumber >= units) {
    failures.push({ property: "unitNumber", reason: `must be at most ${units - 1} for ${controller}` });
  }
  if (unitNumber !== undefined && unitNumber === reserved) {
    failures.push({ property: "unitNumber", reason: `cannot be ${reserved}, which is the controller's own` });
  }
  return failures;
}

function changeRules(entry: Properties, before: Properties | undefined): CheckFailure[] {
  if (before === undefined) return [];
  const fixed = ["attach", "provisioning", "datastore"].filter(
    (key) => isText(entry[key]) && isText(before[key]) && entry[key] !== before[key],
  );
  const shrinks =
    typeof entry.size === "number" && typeof before.size === "number" && entry.size < before.size;
  const otherKind = (entry.attach === undefined) !== (before.attach === undefined);
  const another = "For a new disk, give the entry another label";
  return [
    ...fixed.map((property) => ({
      property,
      reason: `cannot change from ${String(before[property])} for a disk that exists. ${another}`,
    })),
    ...(otherKind
      ? [{ property: "attach", reason: `cannot be added or removed for a disk that exists. ${another}` }]
      : []),
    ...(shrinks
      ? [
          {
            property: "size",
            reason: `cannot be less than the size of the disk, ${String(before.size)} GB. ${another}`,
          },
        ]
      : []),
  ];
}

/** Finds two disks in one place, or controllers of two kinds with one number. */
function sharedPlaces(entries: readonly Properties[]): CheckFailure[] {
  return entries.flatMap((entry, index) => {
    const { controller, busNumber, unitNumber } = entry;
    if (!isController(controller) || typeof busNumber !== "number") return [];
    const earlier = entries.slice(0, index);
    const onBus = (other: Properties) =>
      isController(other.controller) &&
      familyOf(other.controller) === familyOf(controller) &&
      other.busNumber === busNumber;
    const otherKind = earlier.findIndex((other) => onBus(other) && other.controller !== controller);
    if (otherKind >= 0) {
      const reason = `is ${String(entries[otherKind]?.controller)} for disks.${otherKind}, which has the same busNumber`;
      return [{ property: `disks.${index}.controller`, reason }];
    }
    const same = earlier.findIndex((other) => onBus(other) && other.unitNumber === unitNumber);
    if (typeof unitNumber !== "number" || same < 0) return [];
    return [
      { property: `disks.${index}.unitNumber`, reason: `is also that of disks.${same} on the same bus` },
    ];
  });
}

function tooMany(entries: readonly Properties[], cdroms: readonly Properties[]): CheckFailure[] {
  const drives = [
    ...entries.map(({ controller }) => (isController(controller) ? familyOf(controller) : undefined)),
    ...cdroms.map(({ controller }) =>
      controller === "ide" || controller === "sata" ? controller : undefined,
    ),
  ];
  return Object.entries(BUSES).flatMap(([family, { controllers, units, reserved }]) => {
    const room = controllers * (units - (reserved === undefined ? 0 : 1));
    const count = drives.filter((each) => each === family).length;
    if (count <= room) return [];
    const reason = `has ${count} drives for ${family} controllers, those in cdroms counted too. They take at most ${room}`;
    return [{ property: "disks", reason }];
  });
}

const isText = (value: unknown): value is string => typeof value === "string";

const isController = (value: unknown): value is DiskController =>
  DISK_CONTROLLERS.some((kind) => kind === value);

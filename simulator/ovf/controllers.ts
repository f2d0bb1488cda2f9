/** Controllers of a descriptor's hardware, and the places on them. */
import type { VirtualController, VirtualSCSIController } from "../../schema/index.ts";
import {
  invalidElementValue,
  type Problems,
  unsupportedSubType,
  unsupportedType,
} from "./descriptor/descriptor-faults.ts";
import { type HardwareItem, RESOURCE } from "./descriptor/hardware-item.ts";

/** One kind of controller: its type in vim25, how many devices it has room for, and how many of it a VM can have. */
interface ControllerKind {
  readonly type: string;
  readonly units: number;
  readonly buses: number;
  /** A unit that the controller itself uses. */
  readonly reservedUnit?: number;
  /** The oldest virtual hardware that has it. */
  readonly since?: number;
}

const SCSI = { units: 16, buses: 4, reservedUnit: 7 };
const LSI_LOGIC: ControllerKind = { type: "VirtualLsiLogicController", ...SCSI };
const IDE: ControllerKind = { type: "VirtualIDEController", units: 2, buses: 2 };
const AHCI: ControllerKind = { type: "VirtualAHCIController", units: 30, buses: 4, since: 10 };

const SCSI_KINDS: Readonly<Record<string, ControllerKind>> = {
  lsilogic: LSI_LOGIC,
  buslogic: { type: "VirtualBusLogicController", ...SCSI },
  lsilogicsas: { type: "VirtualLsiLogicSASController", ...SCSI },
  virtualscsi: { type: "ParaVirtualSCSIController", ...SCSI },
};
const STORAGE_KINDS: Readonly<Record<string, ControllerKind>> = {
  ahci: AHCI,
  "vmware.sata.ahci": AHCI,
  "vmware.nvme.controller": { type: "VirtualNVMEController", units: 15, buses: 4, since: 13 },
};

/** Every VM has the IDE controllers, with these keys. */
const FIRST_IDE_KEY = 200;

/** A controller and its units that are taken. */
export class ControllerPlaces {
  readonly device: VirtualController & { readonly $type: string };
  readonly instanceId: string;
  readonly #kind: ControllerKind;
  readonly #taken = new Set<number>();

  constructor(
    device: VirtualController & { readonly $type: string },
    instanceId: string,
    kind: ControllerKind,
  ) {
    this.device = device;
    this.instanceId = instanceId;
    this.#kind = kind;
  }

  /** Takes a unit, or the first free one. Undefined if there is no such unit, or it is taken. */
  take(wanted: number | undefined): number | undefined {
    const { units, reservedUnit } = this.#kind;
    const free = (unit: number) => unit < units && unit !== reservedUnit && !this.#taken.has(unit);
    const unit = wanted ?? Array.from({ length: units }, (_, index) => index).find(free);
    if (unit === undefined || !free(unit)) return undefined;
    this.#taken.add(unit);
    return unit;
  }
}

/** The facts about the machine that matter for its controllers. */
interface Machine {
  readonly nextKey: () => number;
  readonly hardwareVersion: number;
  readonly problems: Problems;
}

/** Reads the controllers among the items, by their instance id. New ones get keys from `nextKey`. */
export function readControllers(
  items: readonly HardwareItem[],
  { nextKey, hardwareVersion, problems }: Machine,
): Map<string, ControllerPlaces> {
  const controllers = new Map<string, ControllerPlaces>();
  const buses = new Map<string, Set<number>>();
  for (const item of items) {
    const kinds = kindsFor(item.resourceType);
    if (kinds === undefined) continue;
    const kind = chooseKind(item, kinds);
    if (kind === undefined) {
      problems.report(item.required, unsupportedSubType(item, item.subTypes.join(" ")));
      continue;
    }
    if (kind.since !== undefined && kind.since > hardwareVersion) {
      problems.report(item.required, unsupportedType(item));
      continue;
    }
    const family = item.resourceType === RESOURCE.scsi ? "scsi" : kind.type;
    const used = buses.get(family) ?? new Set();
    const busNumber = chooseBus(item, kind, used);
    if (busNumber === undefined) {
      const address = item.field("Address");
      problems.error(
        address ? invalidElementValue(address) : unsupportedSubType(item, item.subTypes.join(" ")),
      );
      continue;
    }
    buses.set(family, used.add(busNumber));
    const key = kind === IDE ? FIRST_IDE_KEY + busNumber : nextKey();
    controllers.set(
      item.instanceId,
      new ControllerPlaces(makeController(kind, key, busNumber, item), item.instanceId, kind),
    );
  }
  return controllers;
}

function kindsFor(resourceType: number): Readonly<Record<string, ControllerKind>> | undefined {
  if (resourceType === RESOURCE.ide) return {};
  if (resourceType === RESOURCE.scsi) return SCSI_KINDS;
  return resourceType === RESOURCE.storage ? STORAGE_KINDS : undefined;
}

/** The first subtype that the host knows. IDE has only one kind, whatever the subtype says (PIIX4 and the like). */
function chooseKind(
  item: HardwareItem,
  kinds: Readonly<Record<string, ControllerKind>>,
): ControllerKind | undefined {
  if (item.resourceType === RESOURCE.ide) return IDE;
  if (item.resourceType === RESOURCE.scsi && item.subTypes.length === 0) return LSI_LOGIC;
  return item.subTypes.map((name) => kinds[name]).find((kind) => kind !== undefined);
}

/** `Address` is the bus number if that bus is free. VirtualBox and others write other numbers. */
function chooseBus(item: HardwareItem, kind: ControllerKind, used: ReadonlySet<number>): number | undefined {
  const free = (bus: number) => bus < kind.buses && !used.has(bus);
  const wanted = item.number("Address");
  if (wanted !== undefined && free(wanted)) return wanted;
  return Array.from({ length: kind.buses }, (_, bus) => bus).find(free);
}

function makeController(
  kind: ControllerKind,
  key: number,
  busNumber: number,
  item: HardwareItem,
): VirtualController & { readonly $type: string } {
  const deviceInfo = {
    $type: "Description",
    label: item.elementName,
    summary: item.text("Description") ?? "",
  };
  const device = { $type: kind.type, key, deviceInfo, busNumber };
  if (item.resourceType !== RESOURCE.scsi) return device;
  const scsi: VirtualSCSIController & { readonly $type: string } = { ...device, sharedBus: "noSharing" };
  return scsi;
}

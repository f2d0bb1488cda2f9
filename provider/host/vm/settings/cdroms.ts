import type { VirtualCdrom, VirtualDevice } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import { parseDatastorePath } from "../../datastore/datastore-path.ts";
import { claimsEnvironmentIso, isEnvironmentOf } from "../../ovf-environment/iso-files.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { BUSES, type Slot, slotOf } from "./buses.ts";
import { deviceChange, type PlannedChange } from "./device-changes.ts";
import { DrivePlaces, type Place } from "./drive-places.ts";
import { connectable, deviceNameOf, fileNameOf, hasHostDevice } from "./medium.ts";
import { BY_DEVICES, type DeviceSetting, WITH_DEVICES } from "./setting.ts";

/** The desired state of a CD drive. Without a medium it is empty. */
export interface CdromWish {
  /** Datastore path of an image. */
  readonly iso?: string | undefined;
  /** A drive of the host: any, or the one of that name. */
  readonly hostDevice?: true | string | undefined;
  /** Whether the medium is connected at power-on. Default true for a drive that has one. */
  readonly connected?: boolean | undefined;
  /** Default for a new drive: ide while there is room, otherwise sata. */
  readonly controller?: "ide" | "sata" | undefined;
}

const FIRST_KEY = -4000;

/**
 * All CD drives of a machine. Wishes with a controller get the first drives there, in order. The other wishes get the
 * drives that are left, in order.
 */
export const cdroms: DeviceSetting<readonly CdromWish[]> = {
  stage: "devices",
  observe(vm, wishes) {
    const { pairs, further } = matched(vm, wishes);
    const listed = wishes.flatMap((wish) => {
      const drive = pairs.get(wish);
      return drive ? [observed(vm, drive, wish)] : [];
    });
    return [...listed, ...further.map((drive) => observed(vm, drive, {}))];
  },
  spec: (vm, wishes) => ({ deviceChange: plan(vm, wishes).map(({ change }) => change) }),
  off: (vm, wishes) => plan(vm, wishes).some(({ cold }) => cold),
  vmx: BY_DEVICES,
  copied: WITH_DEVICES,
};

/**
 * Matches wishes with drives. New drives come last, so the answer is the same before and after the plan is carried out.
 */
function matched(vm: ObservedVm, wishes: readonly CdromWish[]) {
  const further = drivesInOrder(vm);
  const pairs = new Map<CdromWish, VirtualCdrom>();
  for (const wish of choosyFirst(wishes)) {
    const index = further.findIndex(
      (drive) => wish.controller === undefined || wish.controller === controllerOf(vm, drive),
    );
    const [drive] = index < 0 ? [] : further.splice(index, 1);
    if (drive) pairs.set(wish, drive);
  }
  return { pairs, further };
}

const choosyFirst = (wishes: readonly CdromWish[]): CdromWish[] => [
  ...wishes.filter(({ controller }) => controller !== undefined),
  ...wishes.filter(({ controller }) => controller === undefined),
];

function plan(vm: ObservedVm, wishes: readonly CdromWish[]): PlannedChange[] {
  const { pairs, further: gone } = matched(vm, wishes);
  const places = new DrivePlaces(vm.devices.filter((device) => !gone.some(({ key }) => key === device.key)));
  const staying = [...pairs.values(), ...allDrives(vm).filter((drive) => isEnvironmentDrive(vm, drive))];
  const taken = slotsOf(vm, staying);
  const removals = gone.map((drive) => removedDrive(vm, drive));
  const changes = choosyFirst(wishes).flatMap((wish): PlannedChange[] => {
    const drive = pairs.get(wish);
    if (drive) {
      return isSame(vm, drive, wish) ? [] : [editedDrive(drive, wish)];
    }
    const place = findPlace(`"${vm.name}": the CD drive ${wishes.indexOf(wish) + 1}`, wish, places, taken);
    taken.push(place.slot);
    return [addition(wish, FIRST_KEY - wishes.indexOf(wish), place)];
  });
  return [...removals, ...controllersOf(places), ...changes];
}

const controllersOf = (places: DrivePlaces): PlannedChange[] =>
  places.added.map((device) => ({ change: deviceChange("add", device), cold: true }));

const slotsOf = (vm: ObservedVm, drives: readonly VirtualCdrom[]): Slot[] =>
  drives.flatMap((drive) => slotOf(vm.devices, drive) ?? []);

/** A new drive behind all present ones, with the controller that it may need. @param what Names it in messages. */
export function addedDrive(vm: ObservedVm, what: string, wish: CdromWish, key: number): PlannedChange[] {
  const places = new DrivePlaces(vm.devices);
  const place = findPlace(`"${vm.name}": ${what}`, wish, places, slotsOf(vm, allDrives(vm)));
  return [...controllersOf(places), addition(wish, key, place)];
}

/** The change of a drive to its desired state. */
export const editedDrive = (drive: VirtualCdrom, wish: CdromWish): PlannedChange => ({
  change: deviceChange("edit", edited(drive, wish)),
  cold: false,
});

export const removedDrive = (vm: ObservedVm, drive: VirtualCdrom): PlannedChange => ({
  change: deviceChange("remove", drive),
  cold: controllerOf(vm, drive) === "ide",
});

function addition(wish: CdromWish, key: number, place: Place): PlannedChange {
  const drive = create("VirtualCdrom", {
    key,
    backing: backingFor(wish),
    connectable: connectable(isConnected(wish), undefined),
    controllerKey: place.controllerKey,
    unitNumber: place.unitNumber,
  });
  return { change: deviceChange("add", drive), cold: place.slot.kind === "ide" || place.onNewController };
}

/**
 * Finds a place behind the present drives: on IDE while it has room, because every guest knows IDE. On an IDE channel
 * the first drive must come before the second, otherwise the machine would not start.
 */
function findPlace(
  what: string,
  { controller }: CdromWish,
  places: DrivePlaces,
  taken: readonly Slot[],
): Place {
  const onIde =
    controller === "ide" || (controller === undefined && !taken.some(({ kind }) => kind === "sata"));
  const free = onIde ? placeBehind("ide", places, taken) : undefined;
  if (free) return free;
  if (controller === "ide") return places.take(what, { controller });
  return placeBehind("sata", places, taken) ?? places.take(what, { controller: "sata" });
}

/** The first free place behind the drives on those controllers, in the order of buses. Takes it. */
function placeBehind(
  controller: "ide" | "sata",
  places: DrivePlaces,
  taken: readonly Slot[],
): Place | undefined {
  const { controllers, units } = BUSES[controller];
  const there = taken.filter(({ kind }) => kind === controller);
  const last = Math.max(-1, ...there.map(({ bus, unit }) => bus * units + unit));
  for (let place = last + 1; place < controllers * units; place++) {
    const [busNumber, unitNumber] = [Math.floor(place / units), place % units];
    const free = places.takeIfFree({ controller, busNumber, unitNumber });
    if (free) return free;
  }
  return undefined;
}

function edited(drive: VirtualCdrom, wish: CdromWish): VirtualCdrom {
  return {
    ...drive,
    backing: backingFor(wish),
    connectable: connectable(isConnected(wish), drive.connectable),
  };
}

/** The same drive without a medium. */
export const emptied = (drive: VirtualCdrom): VirtualCdrom => edited(drive, {});

function backingFor({ iso, hostDevice }: CdromWish): VirtualDevice["backing"] {
  if (iso !== undefined) return create("VirtualCdromIsoBackingInfo", { fileName: iso });
  if (hostDevice === true)
    return create("VirtualCdromAtapiBackingInfo", { deviceName: "", useAutoDetect: true });
  if (hostDevice !== undefined) return create("VirtualCdromAtapiBackingInfo", { deviceName: hostDevice });
  return create("VirtualCdromRemotePassthroughBackingInfo", { deviceName: "", exclusive: false });
}

function observed(vm: ObservedVm, drive: VirtualCdrom, wish: CdromWish): CdromWish {
  const iso = fileNameOf(drive, wish.iso);
  const medium = {
    ...(iso !== undefined && { iso }),
    ...(hasHostDevice(drive) && { hostDevice: deviceNameOf(drive, wish.hostDevice) }),
  };
  // The state at power-on is the setting. A guest may eject its medium without changing it.
  const connected = drive.connectable?.startConnected ?? isConnected(wish);
  const controller = controllerOf(vm, drive);
  return {
    ...medium,
    ...((wish.connected !== undefined || connected !== isConnected(medium)) && { connected }),
    ...(wish.controller !== undefined && controller !== undefined && { controller }),
  };
}

function isSame(vm: ObservedVm, drive: VirtualCdrom, wish: CdromWish): boolean {
  const is = observed(vm, drive, wish);
  return is.iso === wish.iso && is.hostDevice === wish.hostDevice && is.connected === wish.connected;
}

const isConnected = ({ iso, hostDevice, connected }: CdromWish): boolean =>
  connected ?? (iso !== undefined || hostDevice !== undefined);

function controllerOf(vm: ObservedVm, drive: VirtualCdrom): "ide" | "sata" | undefined {
  const kind = slotOf(vm.devices, drive)?.kind;
  return kind === "ide" || kind === "sata" ? kind : undefined;
}

/** The drives that a program can list. The drive with the OVF environment is extra. */
const drivesInOrder = (vm: ObservedVm): VirtualCdrom[] =>
  allDrives(vm).filter((drive) => !isEnvironmentDrive(vm, drive));

/** Whether the medium is the machine's own OVF environment. */
export const isEnvironmentDrive = (vm: ObservedVm, drive: VirtualCdrom): boolean =>
  claimsEnvironmentIso(vm) && isEnvironmentOf(parseDatastorePath(vm.vmxPath), fileNameOf(drive) ?? "");

export const isEmptyDrive = (drive: VirtualCdrom): boolean =>
  fileNameOf(drive) === undefined && !hasHostDevice(drive);

/** In the order of their places, because hosts list them in any order. */
export function allDrives(vm: Pick<ObservedVm, "devices">): VirtualCdrom[] {
  const rank = (drive: VirtualCdrom) => {
    const { kind, bus, unit } = slotOf(vm.devices, drive) ?? { kind: "sata", bus: 0, unit: 0 };
    return (kind === "ide" ? 0 : 1000) + bus * 100 + unit;
  };
  const drives = vm.devices.filter((device): device is VirtualCdrom => isA(device, "VirtualCdrom"));
  return drives.sort((a, b) => rank(a) - rank(b));
}

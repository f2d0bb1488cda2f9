import type { VirtualCdrom, VirtualDevice } from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import type { ObservedVm } from "../observed-vm.ts";
import { type DiskController, familyOf, slotOf } from "./buses.ts";
import { deviceChange, type PlannedChange } from "./device-changes.ts";
import { DrivePlaces, type Place } from "./drive-places.ts";
import type { Facet } from "./facet.ts";
import { connectable, deviceNameOf, fileNameOf, hasHostDevice } from "./removable-media.ts";

/** A CD drive as it is to be. Without a medium it is empty. */
export interface CdromWish {
  /** Datastore path of an image. */
  readonly iso?: string | undefined;
  /** The host's own drive: whichever it has, or the one of that name. */
  readonly hostDevice?: true | string | undefined;
  /** Whether there is something in it at power-on. Default true for a drive that has a medium. */
  readonly connected?: boolean | undefined;
  /** Default of a new drive: ide while there is room, else sata. */
  readonly controller?: "ide" | "sata" | undefined;
}

const FIRST_KEY = -4000;

/** A machine's CD drives: all that it is to have. Their order is their identity. */
export const cdroms: Facet<readonly CdromWish[]> = {
  observe: (vm, wishes) =>
    drivesAmong(vm.devices).map((drive, index) => observed(vm, drive, wishes[index] ?? {})),
  spec: (vm, wishes) => ({ deviceChange: plan(vm, wishes).map(({ change }) => change) }),
  needsOff: (vm, wishes) => plan(vm, wishes).some(({ cold }) => cold),
};

function plan(vm: ObservedVm, wishes: readonly CdromWish[]): PlannedChange[] {
  const drives = drivesAmong(vm.devices);
  const isGone = (drive: VirtualCdrom, wish: CdromWish | undefined) =>
    wish === undefined || (wish.controller !== undefined && wish.controller !== controllerOf(vm, drive));
  const gone = drives.filter((drive, index) => isGone(drive, wishes[index]));
  const places = new DrivePlaces(vm.devices.filter((device) => !gone.some(({ key }) => key === device.key)));
  const removals = gone.map((drive) => ({
    change: deviceChange("remove", drive),
    cold: controllerOf(vm, drive) === "ide",
  }));
  const further = wishes.flatMap((wish, index): PlannedChange[] => {
    const drive = drives[index];
    if (drive === undefined || gone.includes(drive)) return [addition(vm, wish, index, places)];
    return isSame(vm, drive, wish)
      ? []
      : [{ change: deviceChange("edit", edited(drive, wish)), cold: false }];
  });
  const controllers = places.added.map((device) => ({ change: deviceChange("add", device), cold: true }));
  return [...removals, ...controllers, ...further];
}

function addition(vm: ObservedVm, wish: CdromWish, index: number, places: DrivePlaces): PlannedChange {
  const place = findPlace(`"${vm.name}": the CD drive ${index + 1}`, wish, places);
  const drive = create("VirtualCdrom", {
    key: FIRST_KEY - index,
    backing: backingFor(wish),
    connectable: connectable(isConnected(wish), undefined),
    controllerKey: place.controllerKey,
    unitNumber: place.unitNumber,
  });
  return { change: deviceChange("add", drive), cold: place.slot.kind === "ide" || place.onNewController };
}

/** The first of the second IDE channel is where a drive disturbs no disk; none goes where a first one is missing. */
function findPlace(what: string, { controller }: CdromWish, places: DrivePlaces): Place {
  if (controller === "sata") return places.take(what, { controller });
  for (const [busNumber, unitNumber] of [
    [1, 0],
    [0, 0],
    [1, 1],
    [0, 1],
  ] as const) {
    const place = places.takeIfFree({ controller: "ide", busNumber, unitNumber });
    if (place) return place;
  }
  return places.take(what, { controller: controller ?? "sata" });
}

function edited(drive: VirtualCdrom, wish: CdromWish): VirtualCdrom {
  return {
    ...drive,
    backing: backingFor(wish),
    connectable: connectable(isConnected(wish), drive.connectable),
  };
}

function backingFor({ iso, hostDevice }: CdromWish): VirtualDevice["backing"] {
  if (iso !== undefined) return create("VirtualCdromIsoBackingInfo", { fileName: iso });
  if (hostDevice === true)
    return create("VirtualCdromAtapiBackingInfo", { deviceName: "", useAutoDetect: true });
  if (hostDevice !== undefined) return create("VirtualCdromAtapiBackingInfo", { deviceName: hostDevice });
  return create("VirtualCdromRemotePassthroughBackingInfo", { deviceName: "", exclusive: false });
}

function observed(vm: ObservedVm, drive: VirtualCdrom, wish: CdromWish): CdromWish {
  const iso = fileNameOf(drive);
  const medium = {
    ...(iso !== undefined && { iso }),
    ...(hasHostDevice(drive) && { hostDevice: deviceNameOf(drive, wish.hostDevice) }),
  };
  // A guest that ejects its medium changes nothing of what is wished for: what counts is the next power-on.
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
  const kind: DiskController | undefined = slotOf(vm.devices, drive)?.kind;
  return kind && familyOf(kind) === "ide" ? "ide" : kind === "sata" ? "sata" : undefined;
}

const drivesAmong = (devices: readonly VirtualDevice[]): VirtualCdrom[] =>
  devices.filter((device) => isA(device, "VirtualCdrom"));

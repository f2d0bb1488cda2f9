import type { VirtualDisk } from "../../../../schema/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import { HostError } from "../../host-error.ts";
import { chainOf } from "../reading/disk-chain.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { controllersAmong, type DiskController, familyOf, slotName, slotOf } from "./buses.ts";
import { deviceChange, type PlannedChange } from "./device-changes.ts";
import {
  datastoreOf,
  growthInKb,
  isDelta,
  modeOf,
  provisioningOf,
  sizeInGb,
  sizeInKb,
} from "./disk-facts.ts";
import {
  diskLabels,
  isMade,
  isOnUnnamed,
  type LabelledDisk,
  labelledDisks,
  refreshed,
} from "./disk-labels.ts";
import type { DiskWish } from "./disk-wish.ts";
import { DrivePlaces, type Place } from "./drive-places.ts";

const FIRST_KEY = -2000;

/** The changes of a machine's disks, and the labels that it records afterwards. */
interface DiskPlan {
  readonly changes: readonly PlannedChange[];
  readonly labels: Map<string, LabelledDisk>;
}

/**
 * @throws HostError for changes that no host makes: to shrink a disk, to make it another disk, or to grow one that is
 * the base of another.
 */
export function planDisks(vm: ObservedVm, wishes: readonly DiskWish[]): DiskPlan {
  const there = labelledDisks(vm);
  const labels = refreshed(vm, diskLabels(vm));
  const gone = [...labels].filter(
    ([label, { origin }]) => origin !== "source" && !wishes.some((wish) => wish.label === label),
  );
  const removals = gone.flatMap(([label, entry]) => {
    labels.delete(label);
    const disk = there.get(label);
    return disk ? [removal(vm, label, disk, entry)] : [];
  });
  const moving = wishes.flatMap((wish) => {
    const disk = there.get(wish.label);
    return disk && !isAt(vm, disk, wish) ? [disk] : [];
  });
  const leaving = new Set([
    ...removals.map(({ change }) => change.device.key),
    ...moving.map(({ key }) => key),
  ]);
  const places = new DrivePlaces(vm.devices.filter(({ key }) => !leaving.has(key)));
  // Wishes that name a place get theirs first. The others choose from the rest.
  const ordered = [...wishes].sort((a, b) => precision(b) - precision(a));
  const further = ordered.flatMap((wish) => {
    const disk = there.get(wish.label);
    const { keep: _, ...entry }: LabelledDisk = labels.get(wish.label) ?? { origin: "source" };
    const kept = wish.keepOnRemove ? { keep: true } : {};
    if (disk === undefined) {
      const { made, label } = addition(vm, wish, places, FIRST_KEY - wishes.indexOf(wish));
      labels.set(wish.label, { ...label, ...kept });
      return [made];
    }
    labels.set(wish.label, { ...entry, ...kept });
    return edit(vm, disk, wish, places, entry.provisioning);
  });
  const controllers = places.added.map((device) => ({ change: deviceChange("add", device), cold: false }));
  return { changes: [...removals, ...controllers, ...further], labels };
}

function removal(vm: ObservedVm, label: string, disk: VirtualDisk, entry: LabelledDisk): PlannedChange {
  if (isDelta(disk)) {
    throw new HostError(
      `"${vm.name}": the disk "${label}" has snapshots and cannot be removed. Remove the snapshots first.`,
    );
  }
  const change = deviceChange("remove", disk, isMade(disk, entry) && !entry.keep ? "destroy" : undefined);
  return { change, cold: isCold(slotOf(vm.devices, disk)?.kind) };
}

function addition(
  vm: ObservedVm,
  wish: DiskWish,
  places: DrivePlaces,
  key: number,
): { readonly made: PlannedChange; readonly label: LabelledDisk } {
  const { attach, datastore, size, provisioning = "thin", mode = "persistent" } = wish;
  if (attach === undefined && size === undefined) {
    throw new HostError(
      `"${vm.name}" has no disk "${wish.label}". To make one, give it a size. To attach one that exists, give its path (attach).`,
    );
  }
  const place = places.take(`"${vm.name}": the disk "${wish.label}"`, {
    ...wish,
    controller: wish.controller ?? usualController(vm, wish.busNumber),
  });
  const capacityInKB = size === undefined ? 0 : sizeInKb(size);
  const backing = create("VirtualDiskFlatVer2BackingInfo", {
    // If only the datastore is given, the host names the file.
    fileName: attach ?? (datastore === undefined ? "" : `[${datastore}]`),
    diskMode: mode,
    ...(attach === undefined && {
      thinProvisioned: provisioning === "thin",
      ...(provisioning !== "thin" && { eagerlyScrub: provisioning === "eagerZeroedThick" }),
    }),
  });
  const device = create("VirtualDisk", {
    key,
    backing,
    controllerKey: place.controllerKey,
    unitNumber: place.unitNumber,
    capacityInKB,
    ...(attach === undefined && { capacityInBytes: capacityInKB * 1024 }),
  });
  const change = deviceChange("add", device, attach === undefined ? "create" : undefined);
  const label: LabelledDisk =
    attach === undefined
      ? { origin: "made", slot: slotName(place.slot), provisioning }
      : { origin: "attached", file: attach };
  return { made: { change, cold: isColdPlace(place) }, label };
}

function edit(
  vm: ObservedVm,
  disk: VirtualDisk,
  wish: DiskWish,
  places: DrivePlaces,
  madeAs: string | undefined,
): PlannedChange[] {
  if (isOnUnnamed(disk)) return [];
  refuseOtherDisk(vm, disk, wish, madeAs);
  const growth = wish.size === undefined ? 0 : growthInKb(disk, wish.size);
  if (growth < 0 || (growth > 0 && isDelta(disk))) throw new HostError(cannotGrow(vm, disk, wish, growth));
  const place = isAt(vm, disk, wish)
    ? undefined
    : places.take(`"${vm.name}": the disk "${wish.label}"`, moved(vm, disk, wish));
  const mode = wish.mode !== modeOf(disk) ? wish.mode : undefined;
  if (growth === 0 && place === undefined && mode === undefined) return [];
  const capacityInKB = disk.capacityInKB + growth;
  const edited = {
    ...disk,
    ...(mode && { backing: { ...disk.backing, diskMode: mode } }),
    ...(place && { controllerKey: place.controllerKey, unitNumber: place.unitNumber }),
    ...(growth > 0 && { capacityInKB, capacityInBytes: capacityInKB * 1024 }),
  };
  const onIde = slotOf(vm.devices, disk)?.kind === "ide";
  const cold = place !== undefined || mode !== undefined || (growth > 0 && onIde);
  return [{ change: deviceChange("edit", edited), cold }];
}

/** @throws HostError if the wish describes another disk than the one with that label */
function refuseOtherDisk(
  vm: ObservedVm,
  disk: VirtualDisk,
  wish: DiskWish,
  madeAs: string | undefined,
): void {
  const { attach, datastore, provisioning } = wish;
  const is = provisioningOf(disk);
  const wrong = [
    attach !== undefined && !chainOf(disk).includes(attach) && `attach: ${attach}`,
    datastore !== undefined && datastore !== datastoreOf(disk) && `datastore: ${datastore}`,
    provisioning !== undefined &&
      !isDelta(disk) &&
      provisioning !== madeAs &&
      provisioning !== is &&
      `provisioning: ${provisioning}`,
  ].find((each) => each !== false);
  if (wrong === undefined) return;
  throw new HostError(
    `"${vm.name}": the disk "${wish.label}" exists (${chainOf(disk)[0]}, ${is}) and cannot get ${wrong}. ` +
      "For a new disk, give the entry another label.",
  );
}

function cannotGrow(vm: ObservedVm, disk: VirtualDisk, { label, size }: DiskWish, growth: number): string {
  const what = `"${vm.name}": the disk "${label}" has ${sizeInGb(disk)} GB`;
  if (growth < 0) return `${what} and cannot shrink to ${size} GB.`;
  return `${what} and cannot grow to ${size} GB: it has snapshots, or it builds on another disk (linked clone).`;
}

function isAt(vm: ObservedVm, disk: VirtualDisk, { controller, busNumber, unitNumber }: DiskWish): boolean {
  const slot = slotOf(vm.devices, disk);
  return (
    (controller === undefined || controller === slot?.kind) &&
    (busNumber === undefined || busNumber === slot?.bus) &&
    (unitNumber === undefined || unitNumber === slot?.unit)
  );
}

/** The new place of a disk that moves. Parts that the program does not name stay the same if possible. */
function moved(vm: ObservedVm, disk: VirtualDisk, wish: DiskWish) {
  const slot = slotOf(vm.devices, disk);
  const controller = wish.controller ?? slot?.kind ?? "pvscsi";
  const sameKind = controller === slot?.kind;
  return {
    controller,
    busNumber: wish.busNumber ?? (sameKind ? slot.bus : undefined),
    unitNumber: wish.unitNumber,
  };
}

/** The kind of the controller on that bus if there is one, otherwise that of the first disk. */
function usualController(vm: ObservedVm, busNumber: number | undefined): DiskController {
  const [first] = labelledDisks(vm).values();
  const usual = (first && slotOf(vm.devices, first)?.kind) ?? "pvscsi";
  const onBus = controllersAmong(vm.devices).find(
    ({ kind, bus }) => familyOf(kind) === familyOf(usual) && bus === busNumber,
  );
  return onBus?.kind ?? usual;
}

const precision = ({ busNumber, unitNumber }: DiskWish) =>
  (unitNumber === undefined ? 0 : 2) + (busNumber === undefined ? 0 : 1);

const isCold = (kind: DiskController | undefined) => kind === "ide" || kind === "buslogic";

/** A SCSI controller can be added to a machine that runs. On the other buses only drives can. */
const isColdPlace = ({ slot: { kind }, onNewController }: Place) =>
  isCold(kind) || (onNewController && familyOf(kind) !== "scsi");

import type { VirtualController, VirtualDevice } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import { HostError } from "../../host-error.ts";
import {
  BUSES,
  controllersAmong,
  type DiskController,
  familyOf,
  type KnownController,
  newController,
  type Slot,
  slotName,
} from "./buses.ts";

/** The desired place of a drive. Parts that are left out are chosen. */
export interface WishedPlace {
  readonly controller: DiskController;
  readonly busNumber?: number | undefined;
  readonly unitNumber?: number | undefined;
}

/** A place that was found, as a device names it. */
export interface Place {
  readonly controllerKey: number;
  readonly unitNumber: number;
  readonly slot: Slot;
  /** True if the controller is still to be added. */
  readonly onNewController: boolean;
}

/** Finds places on a machine's buses for new drives, and the controllers to add for them. */
export class DrivePlaces {
  /** Controllers to add, in the order in which they were needed. */
  readonly added: VirtualController[] = [];
  readonly #controllers: KnownController[];
  readonly #taken = new Set<string>();

  /** @param devices The devices that the machine keeps. */
  constructor(devices: readonly VirtualDevice[]) {
    this.#controllers = controllersAmong(devices);
    for (const device of devices) {
      if (!isA(device, "VirtualController")) this.#taken.add(`${device.controllerKey}:${device.unitNumber}`);
    }
  }

  /**
   * Takes a place. @param what Names the drive in messages.
   * @throws HostError if no place is free, or the named place is taken.
   */
  take(what: string, wish: WishedPlace): Place {
    const controller = this.#controllerFor(what, wish);
    const unitNumber = this.#freeUnit(controller, wish.unitNumber);
    if (unitNumber === undefined) throw new HostError(noRoom(what, wish));
    this.#taken.add(`${controller.key}:${unitNumber}`);
    const { key: controllerKey, kind, bus } = controller;
    const slot = { kind, bus, unit: unitNumber };
    const onNewController = this.added.some(({ key }) => key === controllerKey);
    return { controllerKey, unitNumber, slot, onNewController };
  }

  /** Takes exactly that place, if it is free. */
  takeIfFree(wish: Required<WishedPlace>): Place | undefined {
    const { controller, busNumber, unitNumber } = wish;
    const there = this.#controllers.find(({ kind, bus }) => kind === controller && bus === busNumber);
    if (there === undefined || this.#freeUnit(there, unitNumber) === undefined) return undefined;
    return this.take("", wish);
  }

  #controllerFor(what: string, wish: WishedPlace): KnownController {
    const { controller: kind, busNumber } = wish;
    const family = this.#controllers.filter((each) => familyOf(each.kind) === familyOf(kind));
    const there = family.filter(
      (each) => each.kind === kind && (busNumber === undefined || each.bus === busNumber),
    );
    const fitting = there
      .sort((a, b) => a.bus - b.bus)
      .find((each) => this.#freeUnit(each, wish.unitNumber) !== undefined);
    if (fitting) return fitting;
    const other = family.find(({ bus }) => bus === busNumber);
    if (other && other.kind !== kind) {
      throw new HostError(
        `${what} is to be on bus ${busNumber} of a ${kind} controller, but the machine has a ${other.kind} controller there.`,
      );
    }
    const free = Array.from({ length: BUSES[familyOf(kind)].controllers }, (_, bus) => bus).filter(
      (bus) => !family.some((each) => each.bus === bus),
    );
    const bus = busNumber ?? free[0];
    if (bus === undefined || !free.includes(bus)) throw new HostError(noRoom(what, wish));
    const device = newController(kind, bus);
    const added = { key: device.key, kind, bus };
    this.added.push(device);
    this.#controllers.push(added);
    return added;
  }

  #freeUnit({ key, kind }: KnownController, asked: number | undefined): number | undefined {
    const { units, reserved } = BUSES[familyOf(kind)];
    const candidates = asked === undefined ? Array.from({ length: units }, (_, unit) => unit) : [asked];
    return candidates.find((unit) => unit < units && unit !== reserved && !this.#taken.has(`${key}:${unit}`));
  }
}

function noRoom(what: string, { controller: kind, busNumber, unitNumber }: WishedPlace): string {
  if (busNumber !== undefined && unitNumber !== undefined) {
    const name = slotName({ kind, bus: busNumber, unit: unitNumber });
    return `${what} is to be at ${name}, but the machine has another device there.`;
  }
  return (
    `There is no room for ${what} on the machine's ${kind} controllers. Name another controller for it` +
    `${busNumber === undefined ? "." : ", or leave out busNumber."}`
  );
}

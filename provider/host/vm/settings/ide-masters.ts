import type { VirtualDeviceConfigSpec } from "../../../../schema/index.ts";
import { HostError } from "../../host-error.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { controllersAmong, slotName } from "./buses.ts";
import { deviceChange } from "./device-changes.ts";
import type { DiskWish } from "./disk-wish.ts";

const MASTER = 0;
const SLAVE = 1;

/** A drive that must move. */
interface Move {
  readonly change: VirtualDeviceConfigSpec;
  /** Its planned place and its new one, as `ide0:1`. */
  readonly places: readonly [from: string, to: string];
}

/**
 * Moves of drives that would be alone in the second place of their IDE channel. No host starts a machine that has a
 * second drive there but no first one.
 *
 * @param vm The machine as it will be after all other changes.
 * @param disks The desired disks.
 * @throws HostError if a program wants exactly that second place
 */
export function mastersFirst(
  { name, devices }: Pick<ObservedVm, "name" | "devices">,
  disks: readonly DiskWish[] = [],
): Move[] {
  const channels = controllersAmong(devices).filter(({ kind }) => kind === "ide");
  return channels.flatMap(({ key, kind, bus }) => {
    const at = (unit: number) =>
      devices.find(({ controllerKey, unitNumber }) => controllerKey === key && unitNumber === unit);
    const drive = at(SLAVE);
    if (drive === undefined || at(MASTER) !== undefined) return [];
    const place = (unit: number) => slotName({ kind, bus, unit });
    const places = [place(SLAVE), place(MASTER)] as const;
    const asked = disks.find(
      ({ controller, busNumber = bus, unitNumber }) =>
        controller === kind && busNumber === bus && unitNumber === SLAVE,
    );
    if (asked !== undefined) {
      throw new HostError(
        `"${name}": the disk "${asked.label}" is to be at ${places[0]}, and nothing is at ${places[1]}. No host starts such a ` +
          `machine. Give the disk unitNumber: ${MASTER}, or leave it out.`,
      );
    }
    return [{ change: deviceChange("edit", { ...drive, unitNumber: MASTER }), places }];
  });
}

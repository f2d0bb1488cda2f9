import { formatBytes } from "../../../host/datastore/format-bytes.ts";
import { byName } from "../by-name.ts";
import type { MachineToPlace, PlaceState, Places, Pool } from "./assign-places.ts";

const MOST_SHOWN = 5;
const BYTES_IN_MB = 1024 ** 2;

/** The text of a preview: `5 new: 3 to lab2 (61 → 74 % of its memory given away), 2 to lab1; 120 stay`. */
export function placementNews(
  placeOf: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
  places: readonly PlaceState[],
  machines: readonly MachineToPlace[],
): string {
  const changed = machines.filter(({ key }) => placeOf.has(key) && placeOf.get(key) !== before.get(key));
  const gone = [...before.keys()].filter((key) => !machines.some((machine) => machine.key === key));
  if (changed.length + gone.length === 0) return "";
  const isAt =
    ({ id }: PlaceState) =>
    (machine: MachineToPlace) =>
      placeOf.get(machine.key) === id;
  const parts = places.flatMap((place) => {
    const new1 = changed.filter(isAt(place));
    return new1.length === 0
      ? []
      : [`${new1.length} to ${place.id}${memoryNews(place, machines.filter(isAt(place)), new1)}`];
  });
  const moved = changed.filter(({ key }) => before.has(key));
  const movedKeys = moved.map(({ key }) => key).sort(byName);
  return [
    ...(parts.length > 0
      ? [
          `${changed.length - moved.length} new${moved.length > 0 ? `, ${listed(movedKeys)} moved` : ""}: ${parts.join(", ")}`,
        ]
      : []),
    ...(gone.length > 0 ? [`${gone.length} gone`] : []),
    `${placeOf.size - changed.length} stay`,
  ].join("; ");
}

function memoryNews(
  { memory }: PlaceState,
  all: readonly MachineToPlace[],
  added: readonly MachineToPlace[],
): string {
  if (memory === undefined || memory.capacity === 0) return "";
  const percent = (mb: number) => Math.round(((memory.used + mb) / memory.capacity) * 100);
  const total = sumMemory(all);
  return ` (${percent(total - sumMemory(added))} → ${percent(total)} % of its memory given away)`;
}

/** Why machines have no place, with the numbers of each place. */
export function homelessText(
  { placeOf, homeless }: Places,
  places: readonly PlaceState[],
  machines: readonly MachineToPlace[],
): string {
  const keys = homeless.map(({ key }) => key).sort(byName);
  const count = keys.length === 1 ? "1 machine has" : `${keys.length} machines have`;
  const told = places.map((place) => {
    const here = machines.filter(({ key }) => placeOf.get(key) === place.id);
    return `${place.id} ${whyFull(place, here, homeless)}`;
  });
  return `${count} no place (${listed(keys)}): ${told.join("; ")}. Add a place, raise a limit, or take machines out.`;
}

function whyFull(
  place: PlaceState,
  here: readonly MachineToPlace[],
  homeless: readonly MachineToPlace[],
): string {
  if (place.mode !== "open") return `is ${place.mode === "closed" ? "closed" : "to be evacuated"}`;
  if (here.length >= place.maxMachines) return `has ${here.length} of at most ${place.maxMachines} machines`;
  const excluded = homeless.filter(({ excluded }) => excluded.has(place.id)).map(({ key }) => key);
  if (excluded.length === homeless.length) return `has a machine of that name that belongs to somebody else`;
  const smallest = Math.min(...homeless.map(({ memoryMb }) => memoryMb));
  if (sumMemory(here) + smallest > place.maxMemoryMb)
    return `gave ${mb(sumMemory(here))} of at most ${mb(place.maxMemoryMb)}`;
  const { memory, space } = place;
  if (memory && memory.used + sumMemory(here) + smallest > memory.capacity)
    return `has ${left(memory, sumMemory(here), mb)} memory left`;
  const planned = here.reduce((sum, { exists, spaceBytes }) => sum + (exists ? 0 : spaceBytes), 0);
  return space ? `has ${left(space, planned, formatBytes)} of its datastore left` : "takes none of them";
}

const left = ({ used, capacity }: Pool, planned: number, format: (amount: number) => string) =>
  `${format(Math.max(0, capacity - used - planned))} of ${format(capacity)}`;

const mb = (amount: number) => formatBytes(amount * BYTES_IN_MB);

const sumMemory = (machines: readonly MachineToPlace[]) =>
  machines.reduce((sum, { memoryMb }) => sum + memoryMb, 0);

function listed(keys: readonly string[]): string {
  const more = keys.length > MOST_SHOWN ? ` and ${keys.length - MOST_SHOWN} more` : "";
  return keys.slice(0, MOST_SHOWN).join(", ") + more;
}

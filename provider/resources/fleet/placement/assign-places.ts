import { byName } from "../by-name.ts";

/** A place for machines, with what is there already. */
export interface PlaceState {
  /** Different for each place. */
  readonly id: string;
  /** `closed` keeps its machines and takes no new ones. `evacuate` keeps none. */
  readonly mode: "open" | "closed" | "evacuate";
  /** A place with twice the weight gets twice as many machines. */
  readonly weight: number;
  readonly maxMachines: number;
  /** The most memory for the fleet's machines there, in MB. */
  readonly maxMemoryMb: number;
  /** The memory of its host, shared by places with the same id. Undefined while nobody has asked the host. */
  readonly memory: Pool | undefined;
  /** The space of its datastore, shared by places with the same id. Undefined if it does not matter. */
  readonly space: Pool | undefined;
}

/** A resource that several places share. */
export interface Pool {
  readonly id: string;
  /** How much there is to give: memory in MB, space in bytes. */
  readonly capacity: number;
  /** How much others use, without the fleet's own machines. */
  readonly used: number;
}

/** A machine that needs a place. */
export interface MachineToPlace {
  readonly key: string;
  readonly memoryMb: number;
  /** Space in bytes that it needs on a datastore, if it is still to be made. */
  readonly spaceBytes: number;
  /** The place that the program gives it. */
  readonly pinned: string | undefined;
  /** Its last place, or the place in which a host has it. */
  readonly last: string | undefined;
  /** Whether it exists there. Its space is already used then. */
  readonly exists: boolean;
  /** Places in which somebody else has a machine of its name. */
  readonly excluded: ReadonlySet<string>;
}

/** The result of placing machines. */
export interface Places {
  readonly placeOf: ReadonlyMap<string, string>;
  /** Machines for which there is no place, in the order in which they were tried. */
  readonly homeless: readonly MachineToPlace[];
}

/**
 * Gives each machine a place. A machine keeps its place, unless the place is gone or evacuated, or the program names
 * another. All other machines are placed, the largest first. Each goes to the open place that is then least full, by
 * memory or by count.
 */
export function assignPlaces(
  machines: readonly MachineToPlace[],
  places: readonly PlaceState[],
  by: "memory" | "count",
): Places {
  const placeOf = new Map<string, string>();
  const byId = new Map(places.map((place) => [place.id, place]));
  const load = new Load(places);
  const settle = (machine: MachineToPlace, place: PlaceState) => {
    placeOf.set(machine.key, place.id);
    load.add(machine, place);
  };
  const pinnedFirst = [...machines].sort((one, other) => byName(one.key, other.key));
  for (const machine of pinnedFirst) {
    const place = byId.get(machine.pinned ?? machine.last ?? "");
    const stays = place !== undefined && place.mode !== "evacuate" && machine.last === place.id;
    if (stays) settle(machine, place);
  }
  const homeless: MachineToPlace[] = [];
  const newcomers = machines
    .filter(({ key }) => !placeOf.has(key))
    .sort((one, other) => other.memoryMb - one.memoryMb || byName(one.key, other.key));
  for (const machine of newcomers) {
    const candidates = places.filter(
      (place) =>
        (machine.pinned === undefined ? place.mode === "open" : place.id === machine.pinned) &&
        place.mode !== "evacuate" &&
        !machine.excluded.has(place.id) &&
        load.hasRoom(machine, place),
    );
    const [best] = candidates
      .map((place) => ({ place, share: load.shareWith(machine, place, by) }))
      .sort((one, other) => one.share - other.share);
    if (best === undefined) homeless.push(machine);
    else settle(machine, best.place);
  }
  return { placeOf, homeless };
}

/** How much the fleet's machines use in each place. */
class Load {
  readonly #machines = new Map<string, number>();
  readonly #memoryMb = new Map<string, number>();
  readonly #pools = new Map<string, number>();
  /** How many places share a memory. */
  readonly #sharers = new Map<string, number>();

  constructor(places: readonly PlaceState[]) {
    for (const { memory } of places) if (memory) plus(this.#sharers, memory.id, 1);
  }

  add(machine: MachineToPlace, { id, memory, space }: PlaceState): void {
    plus(this.#machines, id, 1);
    plus(this.#memoryMb, id, machine.memoryMb);
    if (memory) plus(this.#pools, `memory ${memory.id}`, machine.memoryMb);
    if (space) plus(this.#pools, `space ${space.id}`, spaceOf(machine));
  }

  hasRoom(machine: MachineToPlace, { id, maxMachines, maxMemoryMb, memory, space }: PlaceState): boolean {
    return (
      (this.#machines.get(id) ?? 0) + 1 <= maxMachines &&
      (this.#memoryMb.get(id) ?? 0) + machine.memoryMb <= maxMemoryMb &&
      (memory === undefined || this.#used("memory", memory) + machine.memoryMb <= memory.capacity) &&
      (space === undefined || this.#used("space", space) + spaceOf(machine) <= space.capacity)
    );
  }

  /**
   * How full the place would be with this machine. The place with the smallest result is the best. Places that share a
   * memory have an equal part of it.
   */
  shareWith(machine: MachineToPlace, { id, weight, memory }: PlaceState, by: "memory" | "count"): number {
    if (by === "count" || memory === undefined) return ((this.#machines.get(id) ?? 0) + 1) / weight;
    const sharers = this.#sharers.get(memory.id) ?? 1;
    const used = memory.used / sharers + (this.#memoryMb.get(id) ?? 0) + machine.memoryMb;
    return used / ((Math.max(memory.capacity, 1) / sharers) * weight);
  }

  #used(kind: "memory" | "space", pool: Pool): number {
    return pool.used + (this.#pools.get(`${kind} ${pool.id}`) ?? 0);
  }
}

const spaceOf = ({ exists, spaceBytes }: MachineToPlace): number => (exists ? 0 : spaceBytes);

function plus(map: Map<string, number>, key: string, amount: number): void {
  map.set(key, (map.get(key) ?? 0) + amount);
}

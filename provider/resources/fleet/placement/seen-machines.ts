import type { EsxiHost } from "../../../host/esxi-host.ts";
import { type Capacity, readCapacity, readOwnerMarks } from "../../../host/inventory/capacity.ts";
import type { OwnerMark } from "../../../host/vm/reading/owner-mark.ts";

/** A machine of a fleet, with its name on the host. */
export interface NamedMachine {
  readonly key: string;
  /** The machine's name. */
  readonly name: string;
  /** Whether it was placed on this host before. A machine of its name then counts as this one. */
  readonly isPlacedHere: boolean;
}

/** The answer of one host about a fleet. */
export interface SeenOnHost {
  readonly capacity: Capacity;
  /** Keys of the fleet's machines on the host. */
  readonly own: ReadonlySet<string>;
  /** Keys whose machine names somebody else uses on the host. */
  readonly taken: ReadonlySet<string>;
  /** Memory of all other machines that are registered on the host, in MB. */
  readonly othersMemoryMb: number;
}

/**
 * Looks for a fleet's machines on a host: machines with its names and a mark of its stack. The resource in the mark
 * does not matter, because resources can be renamed and marks stay. A stack has one machine of a name on a host.
 * @param templates Names of machines whose memory does not count.
 * @param urn The URN of a resource of the same stack and project.
 */
export async function lookForMachines(
  host: EsxiHost,
  machines: readonly NamedMachine[],
  templates: ReadonlySet<string>,
  urn: string,
): Promise<SeenOnHost> {
  const capacity = await readCapacity(host);
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  const suspects = capacity.vms.filter(({ name }) => byName.get(name)?.isPlacedHere === false);
  const marks = suspects.length === 0 ? new Map<string, OwnerMark>() : await readOwnerMarks(host, suspects);
  const own = new Set<string>();
  const taken = new Set<string>();
  let othersMemoryMb = 0;
  for (const { ref, name, memoryMb } of capacity.vms) {
    const machine = byName.get(name);
    const isOwn = machine && (machine.isPlacedHere || isOfStack(marks.get(ref.value), urn));
    if (isOwn) own.add(machine.key);
    else if (!templates.has(name)) othersMemoryMb += memoryMb;
    if (machine && !isOwn) taken.add(machine.key);
  }
  return { capacity, own, taken, othersMemoryMb };
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME` */
function isOfStack(mark: OwnerMark | undefined, urn: string): boolean {
  const stackOf = (text: string) => text.split("::").slice(0, 2).join("::");
  return mark !== undefined && stackOf(mark.urn) === stackOf(urn);
}

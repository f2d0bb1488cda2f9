import type { EsxiHost } from "../../host/esxi-host.ts";
import { perHost } from "../../host/per-host.ts";
import { isSameName } from "../../host/vm/reading/vm-name.ts";
import type { Kind, Making } from "./wants.ts";

/** What a preview knows of its own run on one host, from the checks that it has had. */
export class ThisRun {
  /** What resources make that are new or change, by URN. */
  readonly #made = new Map<string, Making>();
  /** What resources have in state and give up under that name, by URN. */
  readonly #left = new Map<string, Making>();
  /** URNs of resources that are in state. */
  readonly #inState = new Set<string>();
  readonly #told = new Set<string>();

  /** Notes what a resource makes. Nothing, if it has no name. */
  note(urn: string, makes: Making | undefined, before: Making | undefined): void {
    if (makes) this.#made.set(urn, makes);
    if (before && !(makes && isSame(makes, before))) this.#left.set(urn, before);
  }

  noteInState(urn: string): void {
    this.#inState.add(urn);
  }

  /** The check of a resource that is to be replaced comes twice, the second time as if it were new. */
  isInState(urn: string): boolean {
    return this.#inState.has(urn);
  }

  /** URN of another resource that makes the same. */
  rivalOf(urn: string, makes: Making): string | undefined {
    return [...this.#made].find(([other, making]) => other !== urn && isSame(making, makes))?.[0];
  }

  /** Whether that will be free, because a resource that has it gives it up. */
  givesUp(makes: Making): boolean {
    return [...this.#left.values()].some((left) => isSame(left, makes));
  }

  makings(...kinds: readonly Kind[]): Making[] {
    return [...this.#made.values()].filter(({ kind }) => kinds.includes(kind));
  }

  /** Whether that is said for the first time. */
  isNew(text: string): boolean {
    if (this.#told.has(text)) return false;
    this.#told.add(text);
    return true;
  }
}

export const thisRunOn = perHost((_host: EsxiHost) => new ThisRun());

function isSame(one: Making, other: Making): boolean {
  return one.kind === other.kind && one.within === other.within && isSameName(one.name, other.name);
}

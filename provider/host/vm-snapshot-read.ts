import type { ObservedVm } from "./observed-vm.ts";

interface Asker {
  readonly moid: string | undefined;
  readonly resolve: (vm: ObservedVm | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** All VMs of a host as one read finds them: whoever asks for one has it as soon as its page has come. */
export class VmSnapshotRead {
  readonly #startedAt = Date.now();
  readonly #found = new Map<string, ObservedVm>();
  /** A machine that was copied by hand may have the instance UUID of another. */
  readonly #all: ObservedVm[] = [];
  readonly #askers = new Map<string, Asker[]>();
  /** Resolves when all pages have come; rejects if one does not. */
  readonly ended: Promise<void>;
  #open = true;

  /** @param read Reads all pages, best those first whose moids `asked` tells then. */
  constructor(read: (asked: () => Iterable<string>) => AsyncIterable<readonly ObservedVm[]>) {
    this.ended = this.#readAll(read(() => this.#askedMoids()));
    this.ended.catch(() => {});
  }

  /** True while it is read, and until so many milliseconds after its start. */
  serves(milliseconds: number): boolean {
    return this.#open || Date.now() - this.#startedAt <= milliseconds;
  }

  /** The VM with that instance UUID if its page has come. */
  found(instanceUuid: string): ObservedVm | undefined {
    return this.#found.get(instanceUuid);
  }

  /** All VMs. Rejects if they could not all be read. */
  async all(): Promise<readonly ObservedVm[]> {
    await this.ended;
    return this.#all;
  }

  /**
   * The VM with that instance UUID; undefined if the host has none. Rejects if that could not be read.
   * @param moid Where it was last seen.
   */
  async get(instanceUuid: string, moid?: string): Promise<ObservedVm | undefined> {
    const found = this.#found.get(instanceUuid);
    if (found) return found;
    if (!this.#open) return this.ended.then(() => undefined);
    return new Promise((resolve, reject) => {
      this.#askers.set(instanceUuid, [...(this.#askers.get(instanceUuid) ?? []), { moid, resolve, reject }]);
    });
  }

  #askedMoids(): string[] {
    return [...this.#askers.values()].flat().flatMap(({ moid }) => moid ?? []);
  }

  async #readAll(pages: AsyncIterable<readonly ObservedVm[]>): Promise<void> {
    try {
      for await (const page of pages) {
        for (const vm of page) {
          this.#all.push(vm);
          this.#found.set(vm.instanceUuid, vm);
          this.#tell(vm.instanceUuid, ({ resolve }) => resolve(vm));
        }
      }
      for (const uuid of [...this.#askers.keys()]) this.#tell(uuid, ({ resolve }) => resolve(undefined));
    } catch (error) {
      for (const uuid of [...this.#askers.keys()]) this.#tell(uuid, ({ reject }) => reject(error));
      throw error;
    } finally {
      this.#open = false;
    }
  }

  #tell(instanceUuid: string, tell: (asker: Asker) => void): void {
    for (const asker of this.#askers.get(instanceUuid) ?? []) tell(asker);
    this.#askers.delete(instanceUuid);
  }
}

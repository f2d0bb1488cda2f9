import { ageClock } from "../../../clock.ts";
import type { ObservedVm } from "./observed-vm.ts";
import type { UnreadableVm } from "./unreadable-vm.ts";
import { type HostVms, isExactly, theMachine, type VmIdentity } from "./vm-of-state.ts";

/** A virtual machine of a host, read or not. */
export type SeenVm = ObservedVm | UnreadableVm;

interface Asker {
  readonly identity: VmIdentity;
  readonly resolve: (vm: ObservedVm | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

export const isReadable = (vm: SeenVm): vm is ObservedVm => "devices" in vm;

/** Sorts machines by whether the host could read them. */
export const sorted = (seen: readonly SeenVm[]): HostVms => ({
  vms: seen.filter(isReadable),
  unreadable: seen.filter((vm): vm is UnreadableVm => !isReadable(vm)),
});

/** All VMs of a host, from one read. A VM can be had as soon as its page has come. */
export class VmSnapshotRead {
  /** When it was begun, in milliseconds as `ageClock.now()` has them. */
  readonly startedAt = ageClock.now();
  readonly #hostName: string;
  readonly #seen: SeenVm[] = [];
  /** The VMs that can be read, by instance UUID. Copies made by hand share one. */
  readonly #byUuid = new Map<string, readonly ObservedVm[]>();
  #askers: Asker[] = [];
  /** Resolves when all pages have come. Rejects if a page does not come. */
  readonly ended: Promise<void>;
  #open = true;

  /** @param read Reads all pages, best those first whose moids `asked` tells then. */
  constructor(hostName: string, read: (asked: () => Iterable<string>) => AsyncIterable<readonly SeenVm[]>) {
    this.#hostName = hostName;
    this.ended = this.#readAll(read(() => this.#askers.flatMap(({ identity }) => identity.moid ?? [])));
    this.ended.catch(() => {});
  }

  /** True while it is read, and until so many milliseconds after its start. */
  serves(milliseconds: number): boolean {
    return this.#open || ageClock.now() - this.startedAt <= milliseconds;
  }

  /** The machine that is meant, if its page has come and there can be no doubt. */
  found(identity: VmIdentity): ObservedVm | undefined {
    return this.#ofUuid(identity).find((vm) => isExactly(vm, identity));
  }

  /** All VMs. Rejects if they could not all be read. */
  async inventory(): Promise<HostVms> {
    await this.ended;
    return sorted(this.#seen);
  }

  /**
   * The machine that is meant. Undefined if the host has none. Rejects if it could not be read, or if it is not clear
   * which one is meant.
   */
  async get(identity: VmIdentity): Promise<ObservedVm | undefined> {
    const found = this.found(identity);
    if (found) return found;
    if (!this.#open) return this.ended.then(() => this.#decide(identity));
    return new Promise((resolve, reject) => {
      this.#askers.push({ identity, resolve, reject });
    });
  }

  async #readAll(pages: AsyncIterable<readonly SeenVm[]>): Promise<void> {
    try {
      for await (const page of pages) {
        this.#seen.push(...page);
        for (const vm of page.filter(isReadable)) {
          const uuid = vm.instanceUuid.toLowerCase();
          this.#byUuid.set(uuid, [...(this.#byUuid.get(uuid) ?? []), vm]);
        }
        this.#tell(({ identity, resolve }) => {
          const vm = this.found(identity);
          if (vm) resolve(vm);
          return vm !== undefined;
        });
      }
      this.#tell(({ identity, resolve, reject }) => {
        try {
          resolve(this.#decide(identity));
        } catch (error) {
          reject(error);
        }
        return true;
      });
    } catch (error) {
      this.#tell(({ reject }) => {
        reject(error);
        return true;
      });
      throw error;
    } finally {
      this.#open = false;
    }
  }

  #decide(identity: VmIdentity): ObservedVm | undefined {
    const { unreadable } = sorted(this.#seen);
    return theMachine(this.#hostName, identity, { vms: this.#ofUuid(identity), unreadable });
  }

  #ofUuid({ instanceUuid }: VmIdentity): readonly ObservedVm[] {
    return this.#byUuid.get(instanceUuid.toLowerCase()) ?? [];
  }

  /** @param tell Says whether the asker has been told. */
  #tell(tell: (asker: Asker) => boolean): void {
    this.#askers = this.#askers.filter((asker) => !tell(asker));
  }
}

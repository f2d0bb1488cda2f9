import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { ageClock } from "../../../clock.ts";
import { gathering } from "../../../vim/reads/gather.ts";
import type { PropertyValues } from "../../../vim/reads/managed-properties.ts";
import { gatherOne, retrieveAll, retrieveMany } from "../../../vim/reads/property-collector.ts";
import type { VimCaller } from "../../../vim/soap/caller.ts";
import { SERVES, VM_PAGES } from "../../../vim/tuning.ts";
import { HostError } from "../../host-error.ts";
import { type ObservedVm, observedVm, VM_PATHS } from "./observed-vm.ts";
import { readUnreadable, UnreadableVmError } from "./unreadable-vm.ts";
import { type HostVms, isExactly, theMachine, type VmIdentity } from "./vm-of-state.ts";
import { pagesOf } from "./vm-pages.ts";
import { isReadable, type SeenVm, sorted, VmSnapshotRead } from "./vm-snapshot-read.ts";

/** Changes with the configuration, and what a VM may do without that. */
const STATE_PATHS = ["config.changeVersion", "runtime.powerState"] as const;
export type VmState = PropertyValues<"VirtualMachine", (typeof STATE_PATHS)[number]>;

/** Name and identity of a VM, without its configuration. */
interface VmEntry {
  readonly ref: ManagedObjectReference;
  /** As the host spells it (vm-name.ts). */
  readonly encodedName: string;
  readonly instanceUuid: string | undefined;
}

/**
 * Reads virtual machines. Those who ask at the same time share one call, so hundreds of resources cost a handful of
 * calls.
 */
export class VmReader {
  readonly #client: VimCaller;
  readonly #hostName: string;
  #states: Promise<ReadonlyMap<string, VmState>> | undefined;
  #overview: VmSnapshotRead | undefined;
  #isChanged = false;
  #entries: Promise<readonly VmEntry[]> | undefined;
  #recent: { readonly entries: Promise<readonly VmEntry[]>; readonly takenAt: number } | undefined;

  /** @param hostName The host as the user named it, for messages. */
  constructor(client: VimCaller, hostName: string) {
    this.#client = client;
    this.#hostName = hostName;
  }

  /**
   * The machine that is meant, from one read that serves a whole refresh. Undefined if the host does not have it.
   * @throws UnreadableVmError, HostError as {@link theMachine}. So do the methods below.
   */
  snapshot(identity: VmIdentity): Promise<ObservedVm | undefined> {
    // The first page is alone, so that it is there soon.
    const read = this.#isChanged ? this.#begin(1) : this.#lately(SERVES.refreshMs, 1);
    return read.get(identity);
  }

  /** All VMs as they were at most ten seconds ago. What this process has changed since may not show. */
  overview(): VmSnapshotRead {
    return this.#lately(SERVES.overviewMs, VM_PAGES.underWay);
  }

  /**
   * The machine that is meant. Its configuration and power state are as they are now. What its guest tells may be
   * some seconds old. If the VM has not changed since the overview, only its version and power state are read.
   */
  async configured(identity: VmIdentity): Promise<ObservedVm | undefined> {
    const overview = this.overview();
    const before = overview.found(identity);
    if (!before) {
      // A machine that could not be read, or not be told apart, may be clear by now.
      const vm = await overview.get(identity).catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
      });
      // What the overview has read since this question shows the machine as it is now.
      return vm && isExactly(vm, identity) ? vm : this.identified(identity);
    }
    const state = await this.#stateOf(before.ref);
    const version = state?.["config.changeVersion"];
    if (version === undefined || version !== before.changeVersion) return this.identified(identity);
    return { ...before, powerState: state?.["runtime.powerState"] ?? before.powerState };
  }

  /**
   * Which VMs the host has, by moid, with what tells whether one has changed. The read begins after this call, and
   * serves all who call at the same moment.
   */
  states(): Promise<ReadonlyMap<string, VmState>> {
    this.#states ??= gathering.moment().then(async () => {
      this.#states = undefined;
      const found = await retrieveAll(this.#client, "VirtualMachine", STATE_PATHS);
      return new Map(found.map(({ ref, properties }) => [ref.value, properties]));
    });
    return this.#states;
  }

  /** These VMs as they are now, by moid. Those that the host does not have are left out. */
  these(refs: readonly ManagedObjectReference[]): Promise<ReadonlyMap<string, SeenVm>> {
    return this.#read(refs);
  }

  /** All VMs of the host as they are now. */
  async inventory(): Promise<HostVms> {
    const seen: SeenVm[] = [];
    for await (const page of this.#readPages()) seen.push(...page);
    return sorted(seen);
  }

  /** Call this when something on the host changes. The next look is then a new one. */
  forget(): void {
    this.#isChanged = true;
  }

  /** The machine that is meant as it is now. Undefined if the host does not have it. */
  async identified(identity: VmIdentity): Promise<ObservedVm | undefined> {
    const { instanceUuid, moid } = identity;
    const there = moid === undefined ? undefined : await this.#now({ type: "VirtualMachine", value: moid });
    if (there && isReadable(there) && isExactly(there, identity)) return there;
    const suspects = (await this.entries()).filter(
      (entry) => entry.instanceUuid?.toLowerCase() === instanceUuid.toLowerCase() || !entry.instanceUuid,
    );
    const seen = await Promise.all(suspects.map(({ ref }) => this.#now(ref)));
    return theMachine(this.#hostName, identity, sorted(seen.filter((vm) => vm !== undefined)));
  }

  /**
   * That VM as it is now. Undefined if the host does not have it.
   * @throws UnreadableVmError if the host has it and cannot read it.
   */
  async byReference(ref: ManagedObjectReference): Promise<ObservedVm | undefined> {
    const vm = await this.#now(ref);
    if (vm === undefined || isReadable(vm)) return vm;
    throw new UnreadableVmError(this.#hostName, vm);
  }

  /**
   * Names and identities of all VMs as they were within the last two seconds. That is enough to see that a name is
   * free, because the host has the last word.
   */
  recentEntries(): Promise<readonly VmEntry[]> {
    if (this.#recent && ageClock.now() - this.#recent.takenAt <= SERVES.namesMs) return this.#recent.entries;
    return this.entries();
  }

  /** Names and identities of all VMs, read now. Those who ask while a read is under way share it. */
  entries(): Promise<readonly VmEntry[]> {
    if (this.#entries) return this.#entries;
    const entries = this.#readEntries().finally(() => {
      this.#entries = undefined;
    });
    const recent = { entries, takenAt: ageClock.now() };
    entries.catch(() => {
      if (this.#recent === recent) this.#recent = undefined;
    });
    this.#recent = recent;
    this.#entries = entries;
    return entries;
  }

  #lately(milliseconds: number, firstPages: number): VmSnapshotRead {
    return this.#overview?.serves(milliseconds) ? this.#overview : this.#begin(firstPages);
  }

  #begin(firstPages: number): VmSnapshotRead {
    const begun = new VmSnapshotRead(this.#hostName, (asked) => this.#readPages(asked, firstPages));
    this.#overview = begun;
    this.#isChanged = false;
    begun.ended.catch(() => {
      if (this.#overview === begun) this.#overview = undefined;
    });
    return begun;
  }

  async #readEntries(): Promise<VmEntry[]> {
    const vms = await retrieveAll(this.#client, "VirtualMachine", ["name", "config.instanceUuid"]);
    return vms.map(({ ref, properties }) => ({
      ref,
      encodedName: properties.name ?? "",
      instanceUuid: properties["config.instanceUuid"],
    }));
  }

  /**
   * The VMs that the host has now, page by page.
   * @param asked Moids of those that somebody waits for: the first page has them.
   * @param firstPages How many are asked for at the beginning.
   */
  async *#readPages(
    asked: () => Iterable<string> = () => [],
    firstPages: number = VM_PAGES.underWay,
  ): AsyncGenerator<readonly SeenVm[], void, void> {
    const vms = await this.#list();
    const pages = pagesOf(vms, new Set(asked()));
    const begin = (page: readonly ManagedObjectReference[]) => {
      const read = this.#read(page);
      // Each page is awaited in its turn. An error before that would count as unhandled.
      read.catch(() => {});
      return read;
    };
    const underWay = pages.splice(0, firstPages).map(begin);
    for (let next = underWay.shift(); next; next = underWay.shift()) {
      const page = await next;
      underWay.push(...pages.splice(0, VM_PAGES.underWay - underWay.length).map(begin));
      yield [...page.values()];
    }
  }

  /** The VMs of the host, from its own list. If the host does not tell that list, from its folders. */
  async #list(): Promise<readonly ManagedObjectReference[]> {
    const hosts = await retrieveAll(this.#client, "HostSystem", ["vm"]);
    const told = hosts.flatMap(({ properties }) => properties.vm ?? []);
    const isTold = hosts.length > 0 && hosts.every(({ properties }) => properties.vm !== undefined);
    return isTold ? told : (await this.entries()).map(({ ref }) => ref);
  }

  /** Those of the VMs that are there, by moid. */
  async #read(refs: readonly ManagedObjectReference[]): Promise<ReadonlyMap<string, SeenVm>> {
    const seen = new Map<string, SeenVm>();
    const unreadable: ManagedObjectReference[] = [];
    for (const object of await retrieveMany(this.#client, refs, "VirtualMachine", VM_PATHS)) {
      const vm = observedVm(object);
      if (vm) seen.set(vm.moid, vm);
      else unreadable.push(object.ref);
    }
    for (const vm of await readUnreadable(this.#client, unreadable)) seen.set(vm.moid, vm);
    return seen;
  }

  /** That VM as it is now. It is read in one call with all that is asked at the same moment. */
  async #now(ref: ManagedObjectReference): Promise<SeenVm | undefined> {
    const object = await gatherOne(this.#client, ref, "VirtualMachine", VM_PATHS);
    return object && (observedVm(object) ?? (await readUnreadable(this.#client, [object.ref])).at(0));
  }

  async #stateOf(ref: ManagedObjectReference): Promise<VmState | undefined> {
    if (this.#states) return (await this.#states).get(ref.value);
    return (await gatherOne(this.#client, ref, "VirtualMachine", STATE_PATHS))?.properties;
  }
}

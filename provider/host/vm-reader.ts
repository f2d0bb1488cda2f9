import type DataLoader from "dataloader";
import type { ManagedObjectReference } from "../../schema/index.ts";
import type { VimCaller } from "../vim/caller.ts";
import { gatheredReads } from "../vim/gathered-reads.ts";
import { retrieveAll, retrieveMany } from "../vim/property-collector.ts";
import type { PropertyValues } from "../vim/property-path.ts";
import { type ObservedVm, observedVm, VM_PATHS } from "./observed-vm.ts";
import { MOST_VMS_A_PAGE, pagesOf } from "./vm-pages.ts";
import { VmSnapshotRead } from "./vm-snapshot-read.ts";

/** How many pages a host prepares at a time, while others are worked on. */
const PAGES_UNDER_WAY = 3;

/** How long a look at all names serves. */
const RECENT_MS = 2_000;

/** How long one read of the whole inventory serves those that only want to know what is there. */
const SNAPSHOT_SERVES_MS = 20_000;
/** The same where others may have changed what matters, and what this process has changed does not. */
const OVERVIEW_SERVES_MS = 10_000;

/** Changes with the configuration, and what a VM may do without that. */
const STATE_PATHS = ["config.changeVersion", "runtime.powerState"] as const;
type VmState = PropertyValues<"VirtualMachine", (typeof STATE_PATHS)[number]>;

/** Name and identity of a VM, without its configuration. */
interface VmEntry {
  readonly ref: ManagedObjectReference;
  /** As the host spells it; see vm-name.ts. */
  readonly encodedName: string;
  readonly instanceUuid: string | undefined;
}

/** Reads virtual machines, as many at once as there are askers: hundreds of resources cost a handful of calls. */
export class VmReader {
  readonly #client: VimCaller;
  readonly #byMoid: DataLoader<string, ObservedVm | undefined>;
  readonly #stateByMoid: DataLoader<string, VmState | undefined>;
  #overview: VmSnapshotRead | undefined;
  #isChanged = false;
  #entries: Promise<readonly VmEntry[]> | undefined;
  #recent: { readonly entries: Promise<readonly VmEntry[]>; readonly takenAt: number } | undefined;

  constructor(client: VimCaller) {
    this.#client = client;
    this.#byMoid = gatheredReads("VirtualMachine", (refs) => this.#read(refs), MOST_VMS_A_PAGE);
    this.#stateByMoid = gatheredReads("VirtualMachine", (refs) => this.#readStates(refs), MOST_VMS_A_PAGE);
  }

  /** What is there by instance UUID, from one read that serves a whole refresh; `moid` is where it was last seen. */
  snapshot(instanceUuid: string, moid: string | undefined): Promise<ObservedVm | undefined> {
    // The first page is alone, so that it is there soon.
    const read = this.#isChanged ? this.#begin(1) : this.#lately(SNAPSHOT_SERVES_MS, 1);
    return read.get(instanceUuid, moid);
  }

  /** All VMs as they were at most ten seconds ago; what this process has changed since may not show. */
  overview(): VmSnapshotRead {
    return this.#lately(OVERVIEW_SERVES_MS, PAGES_UNDER_WAY);
  }

  /** The next overview is a new one. */
  forgetOverview(): void {
    this.#overview = undefined;
  }

  /**
   * The VM with that instance UUID, its configuration and whether it runs as they are now, what its guest tells as it
   * may have been some seconds ago. Of a VM that has not changed since the overview no more than that is read.
   */
  async configured(instanceUuid: string, moid: string | undefined): Promise<ObservedVm | undefined> {
    const overview = this.overview();
    const before = overview.found(instanceUuid);
    const vm = before ?? (await overview.get(instanceUuid, moid));
    // A machine that was copied by hand may have its instance UUID.
    if (vm && moid !== undefined && vm.moid !== moid) return this.byInstanceUuid(instanceUuid, moid);
    // What has come since it was asked for is as it is now.
    if (vm && !before) return vm;
    const state = vm && (await this.#stateByMoid.load(vm.moid));
    const version = state?.["config.changeVersion"];
    if (!vm || version === undefined || version !== vm.changeVersion) {
      return this.byInstanceUuid(instanceUuid, vm?.moid ?? moid);
    }
    return { ...vm, powerState: state?.["runtime.powerState"] ?? vm.powerState };
  }

  /** All VMs of the host whose configuration it can read, as they are now. */
  async all(): Promise<readonly ObservedVm[]> {
    const vms: ObservedVm[] = [];
    for await (const page of this.#readPages()) vms.push(...page);
    return vms;
  }

  /** Called when something on the host changes, so that the next look is a new one. */
  forget(): void {
    this.#isChanged = true;
  }

  /** The VM with that instance UUID as it is now; `moid` is where it was last seen. */
  async byInstanceUuid(instanceUuid: string, moid: string | undefined): Promise<ObservedVm | undefined> {
    const there = moid === undefined ? undefined : await this.#byMoid.load(moid);
    if (there?.instanceUuid === instanceUuid) return there;
    const entry = (await this.entries()).find((candidate) => candidate.instanceUuid === instanceUuid);
    return entry && this.#byMoid.load(entry.ref.value);
  }

  /** That VM as it is now; undefined if the host does not have it. */
  byReference(ref: ManagedObjectReference): Promise<ObservedVm | undefined> {
    return this.#byMoid.load(ref.value);
  }

  /**
   * Names and identities of all VMs as they were within the last two seconds: enough to see that a name is free, where
   * the host has the last word.
   */
  recentEntries(): Promise<readonly VmEntry[]> {
    if (this.#recent && Date.now() - this.#recent.takenAt <= RECENT_MS) return this.#recent.entries;
    return this.entries();
  }

  /** Names and identities of all VMs, read now; who asks while the read is under way shares it. */
  entries(): Promise<readonly VmEntry[]> {
    if (this.#entries) return this.#entries;
    const entries = this.#readEntries().finally(() => {
      this.#entries = undefined;
    });
    const recent = { entries, takenAt: Date.now() };
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
    const begun = new VmSnapshotRead((asked) => this.#readPages(asked, firstPages));
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
    firstPages = PAGES_UNDER_WAY,
  ): AsyncGenerator<readonly ObservedVm[], void, void> {
    const hosts = await retrieveAll(this.#client, "HostSystem", ["vm"]);
    const vms = hosts.flatMap(({ properties }) => properties.vm ?? []);
    const pages = pagesOf(vms, new Set(asked()));
    const begin = (page: readonly ManagedObjectReference[]) => {
      const read = this.#read(page);
      // It is awaited in its turn; until then nobody listens.
      read.catch(() => {});
      return read;
    };
    const underWay = pages.splice(0, firstPages).map(begin);
    for (let next = underWay.shift(); next; next = underWay.shift()) {
      const page = await next;
      underWay.push(...pages.splice(0, PAGES_UNDER_WAY - underWay.length).map(begin));
      yield [...page.values()];
    }
  }

  /** Those of the VMs that are there and that the host can read, by their moids. */
  async #read(refs: readonly ManagedObjectReference[]): Promise<ReadonlyMap<string, ObservedVm>> {
    const found = new Map<string, ObservedVm>();
    for (const object of await retrieveMany(this.#client, refs, "VirtualMachine", VM_PATHS)) {
      const vm = observedVm(object);
      if (vm) found.set(vm.moid, vm);
    }
    return found;
  }

  async #readStates(refs: readonly ManagedObjectReference[]): Promise<ReadonlyMap<string, VmState>> {
    const found = await retrieveMany(this.#client, refs, "VirtualMachine", STATE_PATHS);
    return new Map(found.map(({ ref, properties }) => [ref.value, properties]));
  }
}

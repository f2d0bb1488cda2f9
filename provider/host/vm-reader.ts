import DataLoader from "dataloader";
import type { ManagedObjectReference } from "../../schema/index.ts";
import type { VimCaller } from "../vim/caller.ts";
import { gathering } from "../vim/gather.ts";
import { retrieveAll, retrieveMany } from "../vim/property-collector.ts";
import { type ObservedVm, observedVm, VM_PATHS } from "./observed-vm.ts";
import { MOST_VMS_A_PAGE, pagesOf } from "./vm-pages.ts";
import { VmSnapshotRead } from "./vm-snapshot-read.ts";

/** How long a look at all names serves. */
const RECENT_MS = 2_000;

/** How long one read of the whole inventory serves those that only want to know what is there. */
const SNAPSHOT_SERVES_MS = 20_000;

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
  #snapshot: VmSnapshotRead | undefined;
  #entries: Promise<readonly VmEntry[]> | undefined;
  #recent: { readonly entries: Promise<readonly VmEntry[]>; readonly takenAt: number } | undefined;

  constructor(client: VimCaller) {
    this.#client = client;
    this.#byMoid = new DataLoader((moids) => this.#readMany(moids), {
      cache: false,
      maxBatchSize: MOST_VMS_A_PAGE,
      batchScheduleFn: (run) => void gathering.moment().then(run),
    });
  }

  /** What is there by instance UUID, from one read that serves a whole refresh; `moid` is where it was last seen. */
  async snapshot(instanceUuid: string, moid: string | undefined): Promise<ObservedVm | undefined> {
    if (!this.#snapshot?.serves(SNAPSHOT_SERVES_MS)) {
      const taken = new VmSnapshotRead((asked) => this.#readPages(asked));
      this.#snapshot = taken;
      taken.ended.catch(() => {
        if (this.#snapshot === taken) this.#snapshot = undefined;
      });
    }
    return this.#snapshot.get(instanceUuid, moid);
  }

  /** All VMs of the host whose configuration it can read, as they are now. */
  async all(): Promise<readonly ObservedVm[]> {
    const vms: ObservedVm[] = [];
    for await (const page of this.#readPages()) vms.push(...page);
    return vms;
  }

  /** Called when something on the host changes, so that the next look is a new one. */
  forget(): void {
    this.#snapshot = undefined;
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

  async #readEntries(): Promise<VmEntry[]> {
    const vms = await retrieveAll(this.#client, "VirtualMachine", ["name", "config.instanceUuid"]);
    return vms.map(({ ref, properties }) => ({
      ref,
      encodedName: properties.name ?? "",
      instanceUuid: properties["config.instanceUuid"],
    }));
  }

  /**
   * The VMs that the host has now, page by page: the host prepares the next one while the last one is worked on.
   * @param asked Moids of those that somebody waits for: the first page has them.
   */
  async *#readPages(
    asked: () => Iterable<string> = () => [],
  ): AsyncGenerator<readonly ObservedVm[], void, void> {
    const hosts = await retrieveAll(this.#client, "HostSystem", ["vm"]);
    const vms = hosts.flatMap(({ properties }) => properties.vm ?? []);
    const pages = pagesOf(vms, new Set(asked()));
    let next = this.#readPage(pages.shift());
    while (next) {
      const page: ReadonlyMap<string, ObservedVm> = await next;
      next = this.#readPage(pages.shift());
      // Awaited above; until then nobody listens.
      next?.catch(() => {});
      yield [...page.values()];
    }
  }

  #readPage(
    page: readonly ManagedObjectReference[] | undefined,
  ): Promise<ReadonlyMap<string, ObservedVm>> | undefined {
    return page && this.#read(page);
  }

  async #readMany(moids: readonly string[]): Promise<(ObservedVm | undefined)[]> {
    const found = await this.#read([...new Set(moids)].map((value) => ({ type: "VirtualMachine", value })));
    return moids.map((moid) => found.get(moid));
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
}

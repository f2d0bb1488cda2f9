import DataLoader from "dataloader";
import type {
  AutoStartPowerInfo,
  HostAutoStartManagerConfig,
  ManagedObjectReference,
} from "../../schema/index.ts";
import { create, isSameObject } from "../vim/codec/objects.ts";
import { retrieveOne } from "../vim/property-collector.ts";
import { configManager } from "./config-manager.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";

const STOP_ACTIONS = ["powerOff", "suspend", "guestShutdown"] as const;

/** Whether and how a machine starts and stops with its host; what is left out is the host's own default. */
export interface AutoStartWish {
  readonly enabled: boolean;
  readonly order?: number | undefined;
  readonly startDelaySeconds?: number | undefined;
  readonly waitForHeartbeat?: boolean | undefined;
  readonly stopDelaySeconds?: number | undefined;
  readonly stopAction?: (typeof STOP_ACTIONS)[number] | undefined;
}

/** How long one read of the host's list serves a refresh. */
const SERVES_MS = 20_000;
/** The host's way to say "as the host does by default". */
const DEFAULT = -1;

interface List {
  readonly manager: ManagedObjectReference;
  readonly config: HostAutoStartManagerConfig;
}

/** A host's list of what starts with it: read once for many, and written for many at once. */
class AutoStartList {
  readonly #host: EsxiHost;
  readonly #writer: DataLoader<AutoStartPowerInfo, true>;
  #read: { readonly list: Promise<List>; readonly at: number } | undefined;
  /** Settles when the last write has ended: what comes meanwhile goes in the next, all of it in one. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(host: EsxiHost) {
    this.#host = host;
    this.#writer = new DataLoader((entries) => this.#writeNext(entries), {
      cache: false,
      batchScheduleFn: (run) => void this.#written.then(() => setImmediate(run)),
    });
  }

  get(): Promise<List> {
    if (!this.#read || Date.now() - this.#read.at > SERVES_MS) {
      const read = { list: readList(this.#host), at: Date.now() };
      this.#read = read;
      read.list.catch(() => this.forget());
    }
    return this.#read.list;
  }

  forget(): void {
    this.#read = undefined;
  }

  async set(entry: AutoStartPowerInfo): Promise<void> {
    await this.#writer.load(entry);
  }

  #writeNext(entries: readonly AutoStartPowerInfo[]): Promise<true[]> {
    const writing = this.#write(entries);
    this.#written = writing.catch(() => undefined);
    return writing;
  }

  async #write(powerInfo: readonly AutoStartPowerInfo[]): Promise<true[]> {
    const { manager, config } = await this.get();
    const starts = powerInfo.some(({ startAction }) => startAction === "powerOn");
    // A host whose list is off starts nothing of it.
    const defaults = starts && config.defaults?.enabled !== true && { ...config.defaults, enabled: true };
    const spec = create("HostAutoStartManagerConfig", { powerInfo, ...(defaults && { defaults }) });
    this.forget();
    await this.#host.client.call(manager, "ReconfigureAutostart", { spec });
    return powerInfo.map(() => true);
  }
}

const lists = new WeakMap<EsxiHost, AutoStartList>();

function listOf(host: EsxiHost): AutoStartList {
  const list = lists.get(host) ?? new AutoStartList(host);
  lists.set(host, list);
  return list;
}

/** What the host's list says of a machine, in the words of the wish. */
export async function observeAutoStart(
  host: EsxiHost,
  vm: ManagedObjectReference,
  wish: AutoStartWish,
): Promise<AutoStartWish> {
  const { config } = await listOf(host).get();
  const info = config.powerInfo?.find(({ key }) => isSameObject(key, vm));
  if (info === undefined || !/^powerOn$/i.test(info.startAction)) return { ...wish, enabled: false };
  const { startOrder, startDelay, waitForHeartbeat, stopDelay } = info;
  const stopAction = STOP_ACTIONS.find((action) => action.toLowerCase() === info.stopAction.toLowerCase());
  return {
    enabled: true,
    ...(wish.order !== undefined && startOrder !== DEFAULT && { order: startOrder }),
    ...(wish.startDelaySeconds !== undefined && { startDelaySeconds: startDelay }),
    ...(wish.waitForHeartbeat !== undefined &&
      waitForHeartbeat !== "systemDefault" && { waitForHeartbeat: waitForHeartbeat === "yes" }),
    ...(wish.stopDelaySeconds !== undefined && { stopDelaySeconds: stopDelay }),
    ...(wish.stopAction !== undefined && stopAction !== undefined && { stopAction }),
  };
}

/** Puts a machine into the host's list as wished, or takes it out; the list is switched on if it is off. */
export async function setAutoStart(
  host: EsxiHost,
  vm: ManagedObjectReference,
  wish: AutoStartWish,
): Promise<void> {
  const heartbeat = wish.waitForHeartbeat ? "yes" : "no";
  await listOf(host).set(
    create("AutoStartPowerInfo", {
      key: vm,
      startOrder: wish.order ?? DEFAULT,
      startDelay: wish.startDelaySeconds ?? DEFAULT,
      waitForHeartbeat: wish.waitForHeartbeat === undefined ? "systemDefault" : heartbeat,
      startAction: wish.enabled ? "powerOn" : "none",
      stopDelay: wish.stopDelaySeconds ?? DEFAULT,
      stopAction: wish.stopAction ?? "systemDefault",
    }),
  );
}

async function readList(host: EsxiHost): Promise<List> {
  const { autoStartManager: manager } = await configManager(host);
  if (!manager) throw new HostError(`${host.name} has no list of machines that start with it.`);
  const { config } = await retrieveOne(host.client, manager, "HostAutoStartManager", ["config"]);
  return { manager, config: config ?? {} };
}

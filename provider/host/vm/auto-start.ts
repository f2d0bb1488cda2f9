import DataLoader from "dataloader";
import type {
  AutoStartPowerInfo,
  HostAutoStartManagerConfig,
  ManagedObjectReference,
} from "../../../schema/index.ts";
import { ageClock } from "../../clock.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { create, isSameObject } from "../../vim/codec/objects.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveMany, retrieveOne } from "../../vim/reads/property-collector.ts";
import { SERVES } from "../../vim/tuning.ts";
import { configManager } from "../config-manager.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { perHost } from "../per-host.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import type { Transport } from "../shell/choose-transport.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { autoStartByShell } from "./auto-start-by-shell.ts";
import { startNumbers, startSequence } from "./start-sequence.ts";

const STOP_ACTIONS = ["powerOff", "suspend", "guestShutdown"] as const;

/** Whether and how a machine starts and stops with its host. What is left out is the host's own default. */
export interface AutoStartWish {
  readonly enabled: boolean;
  readonly order?: number | undefined;
  readonly startDelaySeconds?: number | undefined;
  readonly waitForHeartbeat?: boolean | undefined;
  readonly stopDelaySeconds?: number | undefined;
  readonly stopAction?: (typeof STOP_ACTIONS)[number] | undefined;
}

/** The host's value for "the host's default". */
const DEFAULT = -1;

/**
 * Key, among a machine's advanced settings, of the start order that the program asks for. The host's own number is not
 * the same: it gives numbers without gaps, and each to one machine.
 */
const START_ORDER_KEY = "pulumi-esxi-direct.startOrder";

interface List {
  readonly manager: ManagedObjectReference;
  readonly config: HostAutoStartManagerConfig;
  /** Machines that have a place in the order, and their numbers. */
  readonly numbers: ReadonlyMap<string, number>;
  /** The numbers in programs, for the machines that have a place. */
  wishes(): Promise<ReadonlyMap<string, number>>;
}

/** A new entry of the list, and the transport by which its machine is changed. */
interface Entry {
  readonly info: AutoStartPowerInfo;
  readonly asked: Transport | "auto";
}

/** A host's list of machines that start with it. It is read once for many callers, and written for many at once. */
class AutoStartList {
  readonly #host: EsxiHost;
  readonly #writer: DataLoader<Entry, true>;
  #read: { readonly list: Promise<List>; readonly at: number } | undefined;
  /** Settles when the last write has ended. Entries that come meanwhile all go into the next write. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(host: EsxiHost) {
    this.#host = host;
    this.#writer = new DataLoader((entries) => this.#writeNext(entries), {
      cache: false,
      batchScheduleFn: (run) => void this.#written.then(() => setImmediate(run)),
    });
  }

  get(): Promise<List> {
    if (!this.#read || ageClock.now() - this.#read.at > SERVES.refreshMs) {
      const read = { list: readList(this.#host), at: ageClock.now() };
      this.#read = read;
      read.list.catch(() => this.forget());
    }
    return this.#read.list;
  }

  forget(): void {
    this.#read = undefined;
  }

  async set(info: AutoStartPowerInfo, asked: Entry["asked"]): Promise<void> {
    await this.#writer.load({ info, asked });
  }

  #writeNext(entries: readonly Entry[]): Promise<(true | Error)[]> {
    const writing = this.#writeByWay(entries);
    this.#written = writing.catch(() => undefined);
    return writing;
  }

  /** Those that go the same way are written together. */
  async #writeByWay(entries: readonly Entry[]): Promise<(true | Error)[]> {
    const outcomes = new Map<Entry, true | Error>();
    for (const way of new Set(entries.map(({ asked }) => asked))) {
      const among = entries.filter(({ asked }) => asked === way);
      const outcome = await this.#write(
        among.map(({ info }) => info),
        way,
      ).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      for (const entry of among) outcomes.set(entry, outcome);
    }
    return entries.map((entry) => outcomes.get(entry) ?? true);
  }

  async #write(entries: readonly AutoStartPowerInfo[], asked: Entry["asked"]): Promise<true> {
    const { manager, config, ...list } = await this.get();
    const starts = entries.some(({ startAction }) => startAction === "powerOn");
    // A host whose list is off starts no machine of it, so the list is switched on too.
    const defaults = starts && config.defaults?.enabled !== true && { ...config.defaults, enabled: true };
    const byApi = async (powerInfo: readonly AutoStartPowerInfo[]) => {
      const spec = create("HostAutoStartManagerConfig", { powerInfo, ...(defaults && { defaults }) });
      await this.#host.client.call(manager, "ReconfigureAutostart", { spec });
    };
    const ways = {
      api: () => byApi,
      ssh: (host: EsxiHost, shell: EsxiShell) =>
        autoStartByShell(host, shell, () => readConfig(host), defaults !== false),
    };
    const send = await writerOf(this.#host, ways, asked);
    const placed = await inPlaces(entries, { config, ...list });
    this.forget();
    const oneByOne = async () => {
      // First all machines that get a number come into the list without one, then each gets its own. So no number is
      // ever greater than their count. A machine without a number needs one entry only.
      const newcomers = placed.filter(
        ({ key, startOrder }) => startOrder !== DEFAULT && !list.numbers.has(key.value),
      );
      if (newcomers.length > 0) await send(newcomers.map((one) => ({ ...one, startOrder: DEFAULT })));
      for (const one of placed) await send([one]);
    };
    if (send !== byApi) await oneByOne();
    else {
      await send(placed).catch((error: unknown) => {
        // This host counts only machines that are in the list already.
        if (!isFault(error, "InvalidArgument")) throw error;
        return oneByOne();
      });
    }
    return true;
  }
}

/** Entries with the numbers that give the desired order. The numbers of other machines may have to change. */
async function inPlaces(
  entries: readonly AutoStartPowerInfo[],
  { config, numbers, wishes }: Omit<List, "manager">,
): Promise<AutoStartPowerInfo[]> {
  const ordered = entries.filter(({ startOrder }) => startOrder !== DEFAULT);
  const unordered = entries.filter(({ startOrder }) => startOrder === DEFAULT);
  if (ordered.length === 0) return unordered;
  const leaving = new Set(unordered.map(({ key }) => key.value));
  const now = new Map([...numbers].filter(([moid]) => !leaving.has(moid)));
  const asked = new Map(
    [...(await wishes())]
      .filter(([moid]) => !leaving.has(moid))
      .concat(ordered.map(({ key, startOrder }) => [key.value, startOrder])),
  );
  const given = startNumbers(
    startSequence([...now.keys()], asked),
    now,
    new Set(ordered.map(({ key }) => key.value)),
  );
  const placed = given.flatMap(([moid, startOrder]) => {
    const isThis = ({ key }: AutoStartPowerInfo) => key.value === moid;
    const entry = ordered.find(isThis) ?? config.powerInfo?.find(isThis);
    return entry ? [{ ...entry, startOrder }] : [];
  });
  return [...unordered, ...placed];
}

const listOf = perHost((host: EsxiHost) => new AutoStartList(host));

/** The machine's entry in the host's list, as a setting of the program. */
export async function observeAutoStart(
  host: EsxiHost,
  vm: ManagedObjectReference,
  wish: AutoStartWish,
): Promise<AutoStartWish> {
  const list = await listOf(host).get();
  const { config } = list;
  const info = config.powerInfo?.find(({ key }) => isSameObject(key, vm));
  if (info === undefined || !isStart(info.startAction)) return { ...wish, enabled: false };
  const { startOrder, startDelay, waitForHeartbeat, stopDelay } = info;
  const stopAction = STOP_ACTIONS.find((action) => action.toLowerCase() === info.stopAction.toLowerCase());
  return {
    enabled: true,
    ...(wish.order !== undefined &&
      startOrder !== DEFAULT && { order: await orderNow(vm, wish.order, list) }),
    ...(wish.startDelaySeconds !== undefined && { startDelaySeconds: startDelay }),
    ...(wish.waitForHeartbeat !== undefined &&
      waitForHeartbeat !== "systemDefault" && { waitForHeartbeat: waitForHeartbeat === "yes" }),
    ...(wish.stopDelaySeconds !== undefined && { stopDelaySeconds: stopDelay }),
    ...(wish.stopAction !== undefined && stopAction !== undefined && { stopAction }),
  };
}

/**
 * The order in the program if the machine stands where that leads. The host's number if somebody has moved the machine.
 */
async function orderNow({ value: moid }: ManagedObjectReference, order: number, list: List): Promise<number> {
  const now = [...list.numbers.keys()];
  const sequence = startSequence(now, new Map([...(await list.wishes()), [moid, order]]));
  return sequence.indexOf(moid) === now.indexOf(moid) ? order : (list.numbers.get(moid) ?? DEFAULT);
}

/** The desired order as an advanced setting of the machine. Empty if the program says nothing about it. */
export function startOrderKeys(wish: AutoStartWish | undefined): Record<string, string> {
  if (wish === undefined) return {};
  return { [START_ORDER_KEY]: wish.enabled && wish.order !== undefined ? String(wish.order) : "" };
}

/**
 * Puts a machine into the host's list as desired, or takes it out. The list is switched on if it is off.
 * @param asked How the machine is changed, which its program may say. Default: as all of its host.
 */
export async function setAutoStart(
  host: EsxiHost,
  vm: ManagedObjectReference,
  wish: AutoStartWish,
  asked: Transport | "auto" = host.transport,
): Promise<void> {
  const heartbeat = wish.waitForHeartbeat ? "yes" : "no";
  await listOf(host).set(
    create("AutoStartPowerInfo", {
      key: vm,
      startOrder: wish.enabled ? (wish.order ?? DEFAULT) : DEFAULT,
      startDelay: wish.startDelaySeconds ?? DEFAULT,
      waitForHeartbeat: wish.waitForHeartbeat === undefined ? "systemDefault" : heartbeat,
      startAction: wish.enabled ? "powerOn" : "none",
      stopDelay: wish.stopDelaySeconds ?? DEFAULT,
      stopAction: wish.stopAction ?? "systemDefault",
    }),
    asked,
  );
}

/**
 * Gives a machine the place in the host's list of another machine that will be deleted. Nothing happens if that has
 * none.
 */
export async function copyAutoStart(
  host: EsxiHost,
  from: ManagedObjectReference,
  to: ManagedObjectReference,
): Promise<void> {
  const list = listOf(host);
  const { powerInfo = [] } = (await list.get()).config;
  const entry = powerInfo.find(({ key }) => isSameObject(key, from));
  if (entry === undefined || powerInfo.some(({ key }) => isSameObject(key, to))) return;
  await list.set(create("AutoStartPowerInfo", { ...entry, key: to }), host.transport);
}

async function readConfig(
  host: EsxiHost,
): Promise<{ readonly manager: ManagedObjectReference; readonly config: HostAutoStartManagerConfig }> {
  const { autoStartManager: manager } = await configManager(host);
  if (!manager)
    throw new HostError(
      `${host.name} has no list of machines that start with it: its API has no AutoStartManager, which every ` +
        "ESXi host has. Is esxi:host an ESXi host?",
    );
  const { config } = await retrieveOne(host.client, manager, "HostAutoStartManager", ["config"]);
  // An empty list would take the places of other machines away.
  if (!config)
    throw new UnreadableError(
      `${host.name} does not show its list of machines that start with it now. The list is not gone. Run the same once more.`,
    );
  return { manager, config };
}

async function readList(host: EsxiHost): Promise<List> {
  const { manager, config } = await readConfig(host);
  const placed = (config.powerInfo ?? [])
    .filter(({ startOrder, startAction }) => startOrder !== DEFAULT && isStart(startAction))
    .sort((a, b) => a.startOrder - b.startOrder);
  let wishes: Promise<ReadonlyMap<string, number>> | undefined;
  return {
    manager,
    config,
    numbers: new Map(placed.map(({ key, startOrder }) => [key.value, startOrder])),
    wishes() {
      wishes ??= readWishes(
        host,
        placed.map(({ key }) => key),
      );
      return wishes;
    },
  };
}

async function readWishes(
  host: EsxiHost,
  refs: readonly ManagedObjectReference[],
): Promise<ReadonlyMap<string, number>> {
  if (refs.length === 0) return new Map();
  const vms = await retrieveMany(host.client, refs, "VirtualMachine", ["config.extraConfig"]);
  return new Map(
    vms.flatMap(({ ref, properties }): [string, number][] => {
      const option = properties["config.extraConfig"]?.find(({ key }) => key === START_ORDER_KEY);
      const order = Number(option?.value);
      return Number.isSafeInteger(order) && order > 0 ? [[ref.value, order]] : [];
    }),
  );
}

const isStart = (action: string) => /^powerOn$/i.test(action);

import type { AnyValue, LocalizedMethodFault, ManagedObjectReference } from "../../../schema/index.ts";
import { clock } from "../../clock.ts";
import { StoppedError } from "../../stopped-error.ts";
import { goneObject, isFault, TaskFault, VimFault } from "../faults.ts";
import { gathering } from "../reads/gather.ts";
import type { ManagedType, PropertyPath, PropertyValues } from "../reads/managed-properties.ts";
import { gatherOne, retrieveOne } from "../reads/property-collector.ts";
import { abortable } from "../soap/abortable.ts";
import type { VimCaller } from "../soap/caller.ts";
import { pause } from "../soap/retry.ts";
import { TransportError } from "../soap/transport-error.ts";
import { TASK_LOOKS, WATCH } from "../tuning.ts";
import { ObjectGoneError } from "./object-gone-error.ts";
import { UpdateCollector } from "./update-collector.ts";
import { type Watcher, WatchGroup } from "./watch-group.ts";

export interface WaitLoopOptions {
  /**
   * How long the loop asks in vain before all waiting calls fail, in milliseconds from the first failure. Default
   * 120,000.
   */
  readonly giveUpAfterMs?: number | undefined;
}

export interface TaskWaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the host's percentage, 0–100, whenever it has changed. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

/** The properties that a wait needs. The whole `info` is five times as large. */
const TASK_PATHS = ["info.state", "info.progress", "info.result", "info.error"] as const;
type EndOfTask = PropertyValues<"Task", (typeof TASK_PATHS)[number]>;

const BACKOFF = { attempts: Number.POSITIVE_INFINITY, baseDelayMs: 500, maxDelayMs: 10_000 };
const MAX_FAULTS_IN_A_ROW = 5;

/** The longest wait of one request. The HTTP timeout is 30 s longer. */
const LONGEST_WAIT_SECONDS = 60;

/**
 * All waits on one host. A single WaitForUpdatesEx at a time serves all tasks and watched objects. It survives expired
 * sessions and lost connections, and makes no request while nothing is waited for.
 */
export class WaitLoop {
  readonly #caller: VimCaller;
  readonly #options: WaitLoopOptions;
  readonly #host: UpdateCollector;
  readonly #groups = new Map<string, WatchGroup>();
  #waiting = 0;
  #running: Promise<void> | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #syncPlanned = false;
  #stopped = new AbortController();
  #polling = false;
  #silence: NodeJS.Timeout | undefined;

  constructor(caller: VimCaller, options: WaitLoopOptions = {}) {
    this.#caller = caller;
    this.#options = options;
    this.#host = new UpdateCollector(caller);
  }

  /**
   * Resolves with the task's result. Rejects with TaskFault if the task fails, and with ObjectGoneError if the host has
   * forgotten the task (look at the object that it had to change). Rejects with TransportError if the host stays away,
   * or with the signal's reason. The task itself goes on then.
   */
  async waitForTask(task: ManagedObjectReference, options: TaskWaitOptions = {}): Promise<AnyValue> {
    let percent: number | undefined;
    const check = (info: EndOfTask): EndOfTask | undefined => {
      if (info["info.state"] === "success" || info["info.state"] === "error") return info;
      const progress = info["info.progress"];
      if (progress !== undefined && progress !== percent) {
        percent = progress;
        options.onProgress?.(percent);
      }
      return undefined;
    };
    const ended =
      (await this.#lookOnce(task, check, options.signal)) ??
      (await this.watch(task, "Task", TASK_PATHS, check, options.signal));
    if (ended["info.state"] === "success") return ended["info.result"];
    throw await this.#taskFault(task, ended["info.error"], options.signal);
  }

  /**
   * Calls `check` with the object's properties, now and whenever they change, until it returns something other than
   * undefined. Resolves with that. Rejects with the error of `check`, with ObjectGoneError if the host does not have
   * the object, and otherwise like waitForTask.
   */
  watch<T extends ManagedType, P extends PropertyPath<T>, R>(
    ref: ManagedObjectReference,
    type: T,
    paths: readonly P[],
    check: (values: PropertyValues<T, P>) => R | undefined,
    signal?: AbortSignal,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const group = this.#group(type, paths);
      const finish = (settle: () => void) => {
        signal?.removeEventListener("abort", abort);
        this.#remove(group, ref, watcher);
        settle();
      };
      const abort = () => finish(() => reject(signal?.reason));
      const watcher: Watcher = {
        onValues: (values) => {
          try {
            const result = check(values as PropertyValues<T, P>);
            if (result !== undefined) finish(() => resolve(result));
          } catch (error) {
            finish(() => reject(error));
          }
        },
        onGone: () => finish(() => reject(new ObjectGoneError(this.#caller.host, ref))),
        onError: (error) => finish(() => reject(error)),
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#add(group, ref, watcher);
    });
  }

  /** Ends the open request and rejects all waits. The loop may be used again. */
  async stop(): Promise<void> {
    this.#stopped.abort(new StoppedError(`${this.#caller.host}: the connection to the host was closed`));
    for (const group of this.#groups.values()) group.fail(this.#stopped.signal.reason);
    await Promise.all([this.#running, this.#syncing]);
    this.#host.reset(this.#groups.values());
    this.#stopped = new AbortController();
  }

  /**
   * The result of `check` for a task that has had some time. A task that is over by then need not be watched, which
   * would be three calls. Undefined if it was not over after more time, or could not be read.
   */
  async #lookOnce(
    task: ManagedObjectReference,
    check: (info: EndOfTask) => EndOfTask | undefined,
    signal: AbortSignal | undefined,
  ): Promise<EndOfTask | undefined> {
    await this.#pause(TASK_LOOKS.firstAfterMs, signal);
    const look = gatherOne(this.#caller, task, "Task", TASK_PATHS);
    const seen = await abortable(look, signal).catch(() => undefined);
    const ended = seen && check(seen.properties);
    if (!ended) await this.#pause(TASK_LOOKS.secondAfterMs, signal);
    return ended;
  }

  /** Rejects like the waits. */
  #pause(milliseconds: number, signal: AbortSignal | undefined): Promise<unknown> {
    const pause = new Promise((resolve) => setTimeout(resolve, milliseconds));
    return abortable(abortable(pause, this.#stopped.signal), signal);
  }

  #group(type: string, paths: readonly string[]): WatchGroup {
    const key = JSON.stringify([type, ...[...paths].sort()]);
    const known = this.#groups.get(key);
    if (known) return known;
    const group = new WatchGroup(type, paths, type === "Task" ? WATCH.finishedTasksKept : 1);
    this.#groups.set(key, group);
    return group;
  }

  #add(group: WatchGroup, ref: ManagedObjectReference, watcher: Watcher): void {
    this.#waiting++;
    group.add(ref, watcher);
    this.#planSync();
    this.#start();
  }

  #remove(group: WatchGroup, ref: ManagedObjectReference, watcher: Watcher): void {
    this.#waiting--;
    group.delete(ref, watcher);
    if (this.#waiting > 0) this.#planSync();
    // Later, because an answer of the open request may be what has ended the wait.
    else setImmediate(() => this.#cancelPoll());
  }

  /** Once per turn of the event loop, so that waits that begin together go to the host together. */
  #planSync(): void {
    if (this.#syncPlanned) return;
    this.#syncPlanned = true;
    gathering.moment().then(() => {
      this.#syncPlanned = false;
      // A failure here appears again, and is handled, before the next poll.
      if (this.#waiting > 0) this.#sync().catch(() => {});
    });
  }

  /** One at a time. Each does the work that the ones before it have left. */
  #sync(): Promise<void> {
    const { signal } = this.#stopped;
    const sync = this.#syncing.then(() => this.#host.sync([...this.#groups.values()], signal));
    this.#syncing = sync.then(
      () => this.#expectReports(),
      () => {},
    );
    return sync;
  }

  /**
   * An object that is removed after it was read, but before the host's filter has seen it, is never reported. One more
   * read finds it. Objects that the host reports in time need none.
   */
  #expectReports(): void {
    const groups = [...this.#groups.values()].filter(({ silent }) => silent.length > 0);
    if (groups.length === 0 || this.#silence !== undefined || this.#running === undefined) return;
    const expected = groups.map((group) => ({ group, refs: group.silent }));
    this.#silence = setTimeout(() => {
      this.#silence = undefined;
      for (const { group, refs } of expected) for (const ref of refs) group.doubtSilent(ref);
      this.#planSync();
    }, WATCH.reportsWithinMs);
  }

  #start(): void {
    this.#running ??= this.#run()
      // Nobody awaits the loop. An unexpected error would end the process, so it goes to the waits instead.
      .catch((error: unknown) => this.#failAll(error))
      .finally(() => {
        this.#running = undefined;
        if (this.#waiting > 0) this.#start();
      });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    let failures = 0;
    // Not the time of the last answer: this machine may have slept since, and the host be there when it wakes up.
    let inVainSince: number | undefined;
    while (this.#waiting > 0 && !signal.aborted) {
      try {
        await gathering.moment();
        await this.#sync();
        if (this.#waiting === 0) break;
        if (failures > 0) {
          // If something on the way ends silent connections, the host is still alive. A dead host does not answer this.
          await this.#readAll(signal);
          inVainSince = undefined;
        }
        await this.#poll(signal);
        failures = 0;
        inVainSince = undefined;
      } catch (error) {
        if (signal.aborted) break;
        failures++;
        if (error instanceof VimFault) inVainSince = undefined;
        inVainSince ??= clock.now();
        if (!this.#canGoOn(error, failures, clock.now() - inVainSince)) {
          this.#failAll(error);
          break;
        }
        if (!this.#recover(error)) await pause(BACKOFF, failures, signal).catch(() => {});
      }
    }
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    this.#polling = true;
    try {
      const changed = await this.#host.poll(this.#groups, LONGEST_WAIT_SECONDS, signal);
      if (changed) return;
    } finally {
      this.#polling = false;
    }
    // A long silence. This checks that nothing was missed, above all a task that the host has purged.
    await this.#readAll(signal);
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    for (const group of this.#groups.values()) await this.#host.read(group, group.watched, signal);
  }

  #cancelPoll(): void {
    if (this.#waiting > 0 || !this.#polling) return;
    // If the host cannot cancel, its own time limit ends the request.
    this.#host.cancel().catch(() => {});
  }

  /** Handles an expected failure. True if the loop can go on at once. */
  #recover(error: unknown): boolean {
    if (isFault(error, "RequestCanceled")) return true;
    const groups = [...this.#groups.values()];
    const gone = goneObject(error);
    if (this.#host.isStale(error, groups)) {
      this.#host.reset(groups);
      return true;
    }
    if (gone) for (const group of groups) group.doubt(gone);
    else if (error instanceof VimFault) this.#host.reset(groups);
    return gone !== undefined;
  }

  #canGoOn(error: unknown, failures: number, inVainMs: number): boolean {
    if (isFault(error, "InvalidLogin")) return false;
    // A host that answers with nothing usable is not away. Waiting longer does not help.
    const isAnswered =
      error instanceof TransportError && error.requestSent === true && error.status === undefined;
    if (error instanceof VimFault || isAnswered) return failures <= MAX_FAULTS_IN_A_ROW;
    return error instanceof TransportError && inVainMs < (this.#options.giveUpAfterMs ?? 120_000);
  }

  #failAll(error: unknown): void {
    for (const group of this.#groups.values()) group.fail(error);
  }

  /** The purpose of the task is only read now, because most tasks succeed, and all of them are watched. */
  async #taskFault(
    task: ManagedObjectReference,
    error: LocalizedMethodFault | undefined,
    signal: AbortSignal | undefined,
  ): Promise<TaskFault> {
    const read = retrieveOne(this.#caller, task, "Task", ["info"], signal);
    const { info } = await read.catch(() => ({ info: undefined }));
    const fault = error?.fault;
    return new TaskFault({
      host: this.#caller.host,
      method: info?.descriptionId || info?.name || "a task",
      fault: { ...fault, $type: fault?.$type ?? "MethodFault" },
      hostMessage: error?.localizedMessage ?? "",
      task,
      entityName: info?.entityName,
    });
  }
}

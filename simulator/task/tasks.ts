/** Tasks: a call starts a task, the host does its work, keeps it for a while, and then forgets it. */
import { setTimeout } from "node:timers/promises";
import type { ManagedObjectReference, TaskInfo } from "../../schema/index.ts";
import { TASK_MANAGER } from "../core/ids.ts";
import type { ObjectRegistry } from "../core/objects.ts";
import { asFault, VimFault } from "../soap/fault.ts";

export interface TaskSpec {
  /** Method, for example `PowerOnVM_Task`. */
  readonly method: string;
  /** For example `vim.VirtualMachine.powerOn`. */
  readonly operation: string;
  readonly entity: ManagedObjectReference;
  readonly entityName: string;
  readonly userName: string;
  readonly cancelable?: boolean;
  readonly rule?: TaskRule | undefined;
}

/** How a test changes a task. */
export interface TaskRule {
  /** Ends the task with this fault, without any work. */
  readonly fault?: VimFault | undefined;
  /** The task does its work when this has resolved. */
  readonly hold?: (() => void | Promise<void>) | undefined;
}

export interface TaskControl {
  readonly ref: ManagedObjectReference;
  /** Fires when the task is cancelled. */
  readonly signal: AbortSignal;
  /** @param percent 0 to 100 */
  progress(percent: number): void;
  /** Says which entity the task locks. */
  locks(entity: ManagedObjectReference): void;
}

interface Task {
  info: TaskInfo;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export interface TaskOptions {
  /** The shortest time of a task, in milliseconds. */
  readonly durationMs: number;
  /** How long a finished task is kept, in milliseconds. */
  readonly retentionMs: number;
}

const PROGRESS_STEPS = 4;
const RECENT = 20;

export class Tasks {
  readonly #registry: ObjectRegistry;
  readonly #options: TaskOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopped = new AbortController();
  #next = 1;

  constructor(registry: ObjectRegistry, options: TaskOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /**
   * Starts work and returns the task at once. The return value of `work` is the task's result, and an exception is its
   * error.
   *
   * @param released runs when the work has ended, with the fault if it failed, before the task is shown as ended
   */
  start(
    spec: TaskSpec,
    work: (task: TaskControl) => Promise<unknown>,
    released?: (fault?: VimFault) => void,
  ): ManagedObjectReference {
    const number = this.#next++;
    const ref = { type: "Task", value: `haTask-${spec.entity.value}-${spec.operation}-${number}` };
    const abort = new AbortController();
    const info: TaskInfo = {
      key: ref.value,
      task: ref,
      name: spec.method,
      descriptionId: spec.operation.replace(/^vim\./, ""),
      entity: spec.entity,
      entityName: spec.entityName,
      state: "queued",
      cancelled: false,
      cancelable: spec.cancelable ?? false,
      reason: { $type: "TaskReasonUser", userName: spec.userName } as TaskInfo["reason"],
      queueTime: new Date().toISOString(),
      eventChainId: number,
    };
    const control: TaskControl = {
      ref,
      signal: abort.signal,
      progress: (percent) => this.progress(ref, percent),
      locks: (entity) => this.#update(ref, { locked: [entity] }),
    };
    const done = new Promise<void>((resolve) => {
      setImmediate(() => void this.#run(spec, control, work, released).then(resolve));
    });
    this.#tasks.set(ref.value, { info, abort, done });
    this.#registry.add({
      ref,
      readers: { value: () => [], availableField: () => [], info: () => this.info(ref) },
    });
    this.#registry.changed(TASK_MANAGER, "recentTask");
    this.#registry.changed(spec.entity, "recentTask");
    return ref;
  }

  /** @param percent 0 to 100 */
  progress(ref: ManagedObjectReference, percent: number): void {
    this.#update(ref, { progress: Math.max(0, Math.min(100, Math.round(percent))) });
  }

  info(ref: ManagedObjectReference): TaskInfo | undefined {
    return this.#tasks.get(ref.value)?.info;
  }

  /** The outcome of a task, once it is over. Undefined if it is forgotten. */
  async finished(ref: ManagedObjectReference): Promise<TaskInfo | undefined> {
    await this.#tasks.get(ref.value)?.done;
    return this.info(ref);
  }

  list(): readonly TaskInfo[] {
    return [...this.#tasks.values()].map((task) => task.info);
  }

  recent(entity?: ManagedObjectReference): ManagedObjectReference[] {
    return this.list()
      .filter((info) => entity === undefined || info.entity?.value === entity.value)
      .slice(-RECENT)
      .map((info) => info.task);
  }

  /** @throws VimFault NotSupported if the task cannot be cancelled, InvalidState if it is over */
  cancel(ref: ManagedObjectReference): void {
    const task = this.#tasks.get(ref.value);
    if (task === undefined) return;
    if (task.info.state === "success" || task.info.state === "error") {
      throw new VimFault("InvalidState", "The operation is not allowed in the current state.");
    }
    if (!task.info.cancelable)
      throw new VimFault("NotSupported", "The operation is not supported on the object.");
    this.#update(ref, { cancelled: true });
    task.abort.abort();
  }

  /** Starts no more work, and ends when the work in progress has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#tasks.values()].map((task) => task.done));
  }

  async #run(
    spec: TaskSpec,
    control: TaskControl,
    work: (task: TaskControl) => Promise<unknown>,
    released: ((fault?: VimFault) => void) | undefined,
  ): Promise<void> {
    this.#update(control.ref, { state: "running", startTime: new Date().toISOString(), progress: 0 });
    try {
      await this.#takeTime(control);
      await this.#held(spec.rule);
      if (spec.rule?.fault) throw spec.rule.fault;
      const result = await work(control);
      released?.();
      this.#finish(control.ref, {
        state: "success",
        progress: undefined,
        ...(result === undefined ? {} : { result }),
      });
    } catch (error) {
      const fault = asFault(error);
      released?.(fault);
      this.#finish(control.ref, { state: "error", progress: undefined, error: fault.localized() });
    }
  }

  async #held(rule: TaskRule | undefined): Promise<void> {
    const hold = rule?.hold?.();
    if (!hold) return;
    const stop = new Promise<never>((_resolve, reject) => {
      const end = () => reject(new VimFault("RequestCanceled", "The host is shutting down."));
      if (this.#stopped.signal.aborted) end();
      else this.#stopped.signal.addEventListener("abort", end, { once: true });
    });
    await Promise.race([hold, stop]);
  }

  async #takeTime(control: TaskControl): Promise<void> {
    if (this.#options.durationMs <= 0) return;
    for (let step = 1; step <= PROGRESS_STEPS; step++) {
      await setTimeout(this.#options.durationMs / PROGRESS_STEPS, undefined, {
        signal: this.#stopped.signal,
      });
      if (control.signal.aborted) throw new VimFault("RequestCanceled", "The task was canceled by a user.");
      control.progress((step * 95) / PROGRESS_STEPS);
    }
  }

  #finish(ref: ManagedObjectReference, changes: Partial<TaskInfo>): void {
    this.#update(ref, { ...changes, completeTime: new Date().toISOString(), cancelable: false });
    const timer = globalThis.setTimeout(() => {
      this.#timers.delete(timer);
      this.#tasks.delete(ref.value);
      this.#registry.remove(ref);
      this.#registry.changed(TASK_MANAGER, "recentTask");
    }, this.#options.retentionMs);
    timer.unref();
    this.#timers.add(timer);
  }

  #update(ref: ManagedObjectReference, changes: Partial<TaskInfo>): void {
    const task = this.#tasks.get(ref.value);
    if (task === undefined) return;
    task.info = { ...task.info, ...changes };
    this.#registry.changed(ref, "info");
  }
}

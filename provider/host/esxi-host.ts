import type { Agent } from "undici";
import type { ManagedObjectReference } from "../../schema/index.ts";
import { TransferAgents } from "../nfc/index.ts";
import type { SshSettings } from "../ssh/ssh-settings.ts";
import { VimClient } from "../vim/client.ts";
import { isFault } from "../vim/faults.ts";
import { abortable } from "../vim/soap/abortable.ts";
import { Semaphore } from "../vim/soap/semaphore.ts";
import { createHostAgent } from "../vim/tls/tls.ts";
import { type HostFacts, type HostSight, readHostFacts, readHostSight } from "./host-facts.ts";
import type { HostSettings } from "./host-settings.ts";
import { untilEnded, untilUntoldEnded } from "./others-tasks.ts";
import { BootGate } from "./vm/boot-gate.ts";
import { VmReader } from "./vm/reading/vm-reader.ts";

const DEFAULT_COPIES = 4;
const DEFAULT_BOOT_SECONDS = 60;

/**
 * How long a start waits for another task on the same VM, in milliseconds. An import that somebody else holds open
 * takes longer, and is not waited for.
 */
const OTHER_TASK_PATIENCE_MS = 10_000;

/**
 * One ESXi host. All resources of a run share it: one login, one agent with pinned TLS, one wait loop, one reader of
 * virtual machines, and limits on what is asked of it at once. Nothing is sent before somebody asks for something.
 */
export class EsxiHost {
  /** What people call it in the configuration, or its address. */
  readonly name: string;
  readonly origin: string;
  readonly client: VimClient;
  readonly vms: VmReader;
  /** Agents for uploads: the host's own, and others that a lease names. */
  readonly transferAgents: TransferAgents;
  /**
   * Names of the VMs that this run makes, each with the URN of its resource. Until a VM exists, its name stands
   * nowhere else.
   */
  readonly claimedNames = new Map<string, string>();
  /** How many uploads may run at once. */
  readonly transfers: Semaphore;
  /** How many disks may be copied at once. */
  readonly copies: Semaphore;
  /** Lets guests boot one after the other. Undefined if all may boot at once. */
  readonly boots: BootGate | undefined;
  /** Ids of the tasks that this process waits for at the moment. */
  readonly ownTasks = new Set<string>();
  readonly #tasks: Semaphore;
  readonly #agent: Agent;
  /** How the host is made to change something, unless a resource says otherwise. */
  readonly transport: "auto" | "api" | "ssh";
  /** Whether machines that run are changed over SSH, as far as there are commands for it. */
  readonly sshHotChanges: boolean;
  readonly #sshSettings: SshSettings | undefined;
  readonly #beforeClose: (() => Promise<void>)[] = [];
  #facts: Promise<HostFacts> | undefined;
  #sight: Promise<HostSight> | undefined;

  constructor(settings: HostSettings) {
    this.name = settings.name;
    this.origin = settings.origin;
    this.#agent = createHostAgent(settings);
    this.transferAgents = new TransferAgents(settings, this.#agent);
    this.client = new VimClient({
      host: settings.name,
      origin: settings.origin,
      username: settings.username,
      password: () => settings.password,
      agent: this.#agent,
      maxInFlight: settings.maxCalls,
    });
    this.vms = new VmReader(this.client, this.name);
    this.transport = settings.transport ?? "auto";
    this.sshHotChanges = settings.sshHotChanges ?? false;
    this.#sshSettings = settings.ssh;
    this.transfers = new Semaphore(settings.maxTransfers);
    this.copies = new Semaphore(settings.maxCopies ?? DEFAULT_COPIES);
    this.#tasks = new Semaphore(settings.maxTasks);
    const { maxBoots, bootSeconds = DEFAULT_BOOT_SECONDS } = settings;
    if (maxBoots !== undefined) this.boots = new BootGate({ maxBoots, bootSeconds }, this.client.updates);
  }

  /**
   * How to log in over SSH. Undefined if the configuration does not say. A getter and no field, because a log would
   * show the secrets in a field.
   */
  get sshSettings(): SshSettings | undefined {
    return this.#sshSettings;
  }

  /** Begins to log in, for operations that will ask something soon. An error reaches them, not the caller. */
  logInAhead(): void {
    this.client.connect().catch(() => {});
  }

  /** What this host is, and the roots of its inventory. Read once, and again after {@link forgetFacts}. */
  facts(): Promise<HostFacts> {
    if (this.#facts) return this.#facts;
    const facts = readHostFacts(this.client).catch((error) => {
      if (this.#facts === facts) this.#facts = undefined;
      throw error;
    });
    this.#facts = facts;
    return facts;
  }

  /**
   * Everything on this host that programs refer to by name, as it was before the run changed anything. It is asked
   * for once in the whole process, whether that succeeds or fails. The facts come with it.
   */
  sight(signal: AbortSignal): Promise<HostSight> {
    this.#sight ??= this.#readSight();
    return abortable(this.#sight, signal);
  }

  #readSight(): Promise<HostSight> {
    const sight = readHostSight(this.client);
    const facts = sight.then((seen) => seen.facts);
    this.#facts ??= facts;
    facts.catch(() => {
      if (this.#facts === facts) this.#facts = undefined;
    });
    return sight;
  }

  /** Call this when port groups or resource pools have come or gone. The next question then reads the facts anew. */
  forgetFacts(): void {
    this.#facts = undefined;
  }

  /**
   * Starts a task and waits for its end. No more tasks run at once than the limit allows.
   *
   * When this fails, the host has ended the task, even if no answer came. So the caller can look at what the task has
   * done, and can try again. Only a task that was told to stop may still go on.
   * @param options With `onlyReads`, what is known of the VMs is kept.
   * @throws TaskFault or VimFault with what the host said.
   */
  task<T>(
    start: () => Promise<ManagedObjectReference>,
    options: { signal: AbortSignal; onProgress?: (percent: number) => void; onlyReads?: boolean },
  ): Promise<T | undefined> {
    const forget = () => options.onlyReads !== true && this.vms.forget();
    return this.#tasks.run(async () => {
      forget();
      const task = await this.#begin(start, options.signal).catch(async (error: unknown) => {
        await untilUntoldEnded(this, error, options.signal);
        forget();
        throw error;
      });
      this.ownTasks.add(task.value);
      try {
        return (await this.client.updates.waitForTask(task, options)) as T | undefined;
      } catch (error) {
        this.ownTasks.delete(task.value);
        await untilUntoldEnded(this, error, options.signal, task);
        throw error;
      } finally {
        this.ownTasks.delete(task.value);
        forget();
      }
    }, options.signal);
  }

  /**
   * Starts a task. If another task is at work on the VM, this waits for its end and starts once more. Mostly that
   * other task is one whose answer was lost. `start` itself must look at what it has changed.
   */
  async #begin(
    start: () => Promise<ManagedObjectReference>,
    signal: AbortSignal,
  ): Promise<ManagedObjectReference> {
    try {
      return await start();
    } catch (error) {
      const other = isFault(error, "TaskInProgress") ? error.detail("TaskInProgress")?.task : undefined;
      if (other === undefined) throw error;
      await untilEnded(this, [other], signal, AbortSignal.timeout(OTHER_TASK_PATIENCE_MS));
      this.vms.forget();
      return start();
    }
  }

  /** Runs this when the host is closed, while the login still serves. */
  beforeClose(action: () => Promise<void>): void {
    this.#beforeClose.push(action);
  }

  /** Runs what {@link beforeClose} was given, then logs out and closes all connections. Never throws. */
  async close(): Promise<void> {
    this.boots?.close();
    await Promise.allSettled(this.#beforeClose.map((action) => action()));
    await this.client.logout();
    await Promise.allSettled([this.transferAgents.close(), this.#agent.close()]);
  }
}

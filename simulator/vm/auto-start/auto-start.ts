/** Which VMs start and stop with the host, and in which order. */
import type { HostAutoStartManagerConfig } from "../../../schema/index.ts";
import { MANAGERS, vmRef } from "../../core/ids.ts";
import { type StoredEntry, storedEntry } from "../../core/stored.ts";
import type { HostContext } from "../../host-context.ts";
import { invalidArgument, managedObjectNotFound } from "../../soap/fault.ts";
import type { Power } from "../power/power.ts";
import type { Vm } from "../vm.ts";
import type { Vms } from "../vms.ts";
import { starts, withEntry } from "./sequence.ts";

const ANY_ORDER = -1;
const SYSTEM_DEFAULT = -1;
/** The number of an entry that is in the host's file but is not shown. */
const NOWHERE = 999;
const START_ACTIONS = ["none", "poweron"];
const STOP_ACTIONS = ["none", "poweroff", "suspend", "guestshutdown"];

export class AutoStart {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #power: Power;

  constructor(host: HostContext, vms: Vms, power: Power) {
    this.#host = host;
    this.#vms = vms;
    this.#power = power;
  }

  config(): HostAutoStartManagerConfig {
    const { defaults } = this.#host.store.autoStart;
    return {
      defaults,
      powerInfo: this.#entries().map(({ moid, ...entry }) => ({ ...entry, key: vmRef(moid) })),
    };
  }

  /** Changes the defaults and the named entries: all of it, or nothing. @throws VimFault InvalidArgument */
  reconfigure({ defaults = {}, powerInfo = [] }: HostAutoStartManagerConfig): void {
    const { store, objects } = this.#host;
    checkDelay(defaults.startDelay, "spec.defaults.startDelay", 0);
    checkDelay(defaults.stopDelay, "spec.defaults.stopDelay", 0);
    checkAction(defaults.stopAction, STOP_ACTIONS, "spec.defaults.stopAction");
    for (const { key, startOrder, startDelay, stopDelay, startAction, stopAction } of powerInfo) {
      if (this.#vms.find(key.value) === undefined) throw managedObjectNotFound(key);
      if (startOrder !== ANY_ORDER && (startOrder < 1 || !starts(startAction)))
        throw invalidArgument("spec.powerInfo.startOrder");
      checkDelay(startDelay, "spec.powerInfo.startDelay", SYSTEM_DEFAULT);
      checkDelay(stopDelay, "spec.powerInfo.stopDelay", SYSTEM_DEFAULT);
      checkAction(startAction, START_ACTIONS, "spec.powerInfo.startAction");
      checkAction(stopAction, [...STOP_ACTIONS, "systemdefault"], "spec.powerInfo.stopAction");
    }
    const now = store.autoStart;
    const counting = this.#host.options.behaviour.startOrderCounts;
    const entries = powerInfo.reduce(
      (before, { key: { value: moid }, ...info }) => withEntry(before, storedEntry(moid, info), counting),
      now.entries,
    );
    store.autoStart = {
      defaults: {
        enabled: defaults.enabled ?? now.defaults.enabled,
        startDelay: defaults.startDelay ?? now.defaults.startDelay,
        stopDelay: defaults.stopDelay ?? now.defaults.stopDelay,
        waitForHeartbeat: defaults.waitForHeartbeat ?? now.defaults.waitForHeartbeat,
        stopAction: defaults.stopAction ?? now.defaults.stopAction,
      },
      entries,
    };
    objects.changed(MANAGERS.autoStartManager, "config");
  }

  /**
   * Writes one entry as the host's own shell does. Nothing is checked. An entry with a number for which there is no
   * place stays in the file but is not shown any more.
   *
   * @throws VimFault ManagedObjectNotFound
   */
  enter(entry: StoredEntry): void {
    const { store, objects } = this.#host;
    if (this.#vms.find(entry.moid) === undefined) throw managedObjectNotFound(vmRef(entry.moid));
    const now = store.autoStart;
    const members = now.entries.filter(({ moid, startAction }) => moid !== entry.moid && starts(startAction));
    const hasPlace =
      entry.startOrder === ANY_ORDER || (entry.startOrder > 0 && entry.startOrder <= members.length + 1);
    const entries = hasPlace
      ? withEntry(now.entries, entry, "newcomers")
      : [...now.entries.filter(({ moid }) => moid !== entry.moid), { ...entry, startOrder: NOWHERE }];
    store.autoStart = { ...now, entries };
    objects.changed(MANAGERS.autoStartManager, "config");
  }

  /** A VM that is removed from the host is removed from the list. */
  forget(moid: string): void {
    const { store, objects } = this.#host;
    const { defaults, entries } = store.autoStart;
    const left = entries.filter((entry) => entry.moid !== moid);
    if (left.length === entries.length) return;
    store.autoStart = { defaults, entries: left };
    objects.changed(MANAGERS.autoStartManager, "config");
  }

  /**
   * Starts the VMs that start with the host, one after the other, without the delays. A VM that cannot start, or that
   * asks a question, does not block the others.
   *
   * @returns ids of the VMs that run now and did not before
   */
  async powerOn(): Promise<string[]> {
    const { store } = this.#host;
    const started: string[] = [];
    if (!store.autoStart.defaults.enabled) return started;
    for (const { moid, startAction } of this.#entries()) {
      const vm = this.#vms.find(moid);
      if (vm === undefined || vm.powerState === "poweredOn" || !starts(startAction)) continue;
      await this.#untilItAsks(vm, this.#power.powerOn(vm));
      if (isOn(vm)) started.push(moid);
    }
    return started;
  }

  /** Stops the VMs that stop with the host. The last one to start is stopped first. */
  powerOff(): void {
    const { store } = this.#host;
    const { defaults } = store.autoStart;
    if (!defaults.enabled) return;
    for (const { moid, stopAction } of this.#entries().reverse()) {
      const vm = this.#vms.find(moid);
      if (vm?.powerState !== "poweredOn") continue;
      const asked = stopAction.toLowerCase();
      const action = asked === "systemdefault" ? defaults.stopAction.toLowerCase() : asked;
      if (action === "suspend") this.#power.suspend(vm);
      else if (action === "poweroff") this.#power.powerOff(vm);
      else if (action === "guestshutdown") this.#power.stopByGuest(vm);
    }
  }

  /** In the start order. Entries with a number come first. */
  #entries(): StoredEntry[] {
    const place = ({ startOrder }: StoredEntry): number =>
      startOrder === ANY_ORDER ? Number.POSITIVE_INFINITY : startOrder;
    const known = this.#host.store.autoStart.entries.filter(
      ({ moid, startOrder }) => startOrder !== NOWHERE && this.#vms.find(moid),
    );
    return known.sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }

  #untilItAsks(vm: Vm, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const end = this.#host.objects.subscribe(({ value }) => {
        if (value === vm.moid && vm.question) done();
      });
      const done = (): void => {
        end();
        resolve();
      };
      work.then(done, done);
    });
  }
}

function isOn({ powerState }: Vm): boolean {
  return powerState === "poweredOn";
}

function checkDelay(seconds: number | undefined, property: string, least: number): void {
  if (seconds !== undefined && seconds < least) throw invalidArgument(property);
}

function checkAction(action: string | undefined, actions: readonly string[], property: string): void {
  if (action !== undefined && !actions.includes(action.toLowerCase())) throw invalidArgument(property);
}

import type { EsxiHost } from "../../../host/esxi-host.ts";
import { refuseDiskChanges, refuseWithChildren } from "../../../host/file-use/refuse-loss.ts";
import { HostError } from "../../../host/host-error.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { isInPowerCycle, POWER_CYCLE } from "../../../host/vm/reading/power-cycle.ts";
import type { VmWishes } from "../../../host/vm/settings/settings.ts";
import { changesDevices, pendingWishes, wishesThatNeedOff } from "../../../host/vm/settings/wishes.ts";
import { isUnfinished } from "../../../host/vm/unfinished/remove-unfinished.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";
import { waitForGuest } from "../../../host/vm/wait-for-guest.ts";
import type { Context } from "../../frame/lifecycle.ts";
import { runOptions } from "../../frame/run-options.ts";
import { powerOnInTurn } from "./power-on-in-turn.ts";
import type { VmSettings } from "./vm-settings.ts";

/** `power`: it was powered on, and nothing else was changed. */
type Change = "nothing" | "power" | "configuration";

const DEFAULT_SHUTDOWN_SECONDS = 120;

/**
 * Brings a VM in line with its settings: sends only what differs, powers off only where the host allows the change in
 * no other way, and at most once.
 *
 * @param wishes What of the configuration is to be as it says.
 * @param toRun Whether it is to run in the end, see {@link isToRun}.
 * @param isNew Whether this very run has made it, so that nobody can have built on its disks.
 * @param control How the host is made to do it.
 * @returns What was changed, so that the VM is not what it was.
 * @throws HostError if the VM is to be powered on although others' disks build on its own, or one of its disks is to be
 *   deleted or to grow that another machine needs.
 */
export async function syncVm(
  host: EsxiHost,
  vm: ObservedVm,
  settings: VmSettings,
  wishes: VmWishes,
  { toRun, isNew }: { readonly toRun: boolean; readonly isNew: boolean },
  context: Context,
  control: VmControl,
): Promise<Change> {
  const { signal, progress } = context;
  let change: Change = "nothing";
  const doing = (what: string, kind: Change = "configuration") => {
    change = change === "nothing" ? kind : "configuration";
    progress.status(what);
  };
  const rename = async () => {
    if (vm.name === settings.name) return;
    doing(`renaming "${vm.name}" to "${settings.name}"`);
    await control.rename(vm, settings.name, signal);
  };
  let pending = pendingWishes(vm, wishes);
  control.refuse?.(vm, pending);
  await refuseDiskChanges(host, vm, pending);
  if (!control.changesOnlyWhileOff) await rename();
  const whileOn = vm.name === settings.name && toRun ? control.whileOn?.(vm, pending) : undefined;
  if (whileOn) {
    doing("changing it while it runs");
    await whileOn(signal);
    pending = {};
  }
  let running = vm.powerState !== "poweredOff";
  const needOff = control.changesOnlyWhileOff
    ? [...Object.keys(pending), ...(vm.name === settings.name ? [] : ["name"])]
    : wishesThatNeedOff(vm, pending);
  if (running && needOff.length > 0) {
    doing("shutting down for a change of hardware");
    await powerOffToChange(host, vm, { settings, what: needOff, toRun }, context, control);
    running = false;
  }
  if (control.changesOnlyWhileOff) await rename();
  if (Object.keys(pending).length > 0) {
    doing("changing the configuration");
    await control.reconfigure(vm, pending, signal);
    // Another firmware has an order of its own.
    if (wishes.bootOrder !== undefined && (changesDevices(pending) || pending.firmware !== undefined))
      await orderBoot(host, vm, wishes.bootOrder, context, control);
  } else if (!running && control.isUnsettled?.(vm)) {
    doing("clearing up after a change that was interrupted");
    await control.reconfigure(vm, {}, signal);
  }
  const isSuspended = vm.powerState === "suspended" && settings.powerOn !== "once";
  if (vm.powerState === "poweredOn" && running && !toRun) {
    doing("shutting down");
    await shutDown(control, vm, settings, context);
  } else if (toRun && (!running || isSuspended)) {
    if (!isNew) await refuseWithChildren(host, vm, "power it on");
    doing("powering on", "power");
    await powerOnInTurn(host, vm.ref, () => control.powerOn(vm, settings.name, signal), context);
  }
  return change;
}

/**
 * Powers a machine off for a change that the host makes in no other way.
 * @throws HostError if it is to run, and the program does not allow that.
 */
export async function powerOffToChange(
  host: EsxiHost,
  vm: ObservedVm,
  {
    settings,
    what,
    toRun,
  }: { readonly settings: VmSettings; readonly what: readonly string[]; readonly toRun: boolean },
  context: Context,
  control: VmControl,
): Promise<void> {
  if (toRun && !settings.allowPowerCycle) {
    throw new HostError(
      `${host.name}: "${vm.name}" must be powered off to change its ${what.join(", ")}, ` +
        "and allowPowerCycle is false. Set it to true, or shut the VM down and run `pulumi up` again.",
    );
  }
  // Of other machines, the program says whether they are to run. A running machine cannot be marked over SSH.
  if (toRun && settings.powerOn === "once" && !control.changesOnlyWhileOff)
    await control.reconfigure(vm, { extraConfig: POWER_CYCLE }, context.signal);
  await shutDown(control, vm, settings, context);
}

/** A boot order names devices by keys that the host gives. New devices can be in it only when they are there. */
async function orderBoot(
  host: EsxiHost,
  vm: ObservedVm,
  bootOrder: readonly string[],
  { signal }: Context,
  control: VmControl,
): Promise<void> {
  const now = await host.vms.byReference(vm.ref);
  if (now === undefined) return;
  const rest = pendingWishes(now, { bootOrder });
  if (Object.keys(rest).length > 0) await control.reconfigure(now, rest, signal);
}

/**
 * Whether a VM is to run in the end. With `once`, a new VM runs. Any other stays as it was found, because its users
 * start and stop it. A VM that a killed run has powered off for a change runs again.
 *
 * @param ran Whether a move that was interrupted had found it running.
 */
export async function isToRun(
  host: EsxiHost,
  vm: ObservedVm,
  { powerOn }: VmSettings,
  signal: AbortSignal,
  ran = false,
): Promise<boolean> {
  if (powerOn !== "once") return powerOn;
  return (
    ran || vm.powerState !== "poweredOff" || isInPowerCycle(vm) || (await isUnfinished(host, vm, signal))
  );
}

/** Waits for what the settings say to wait for. */
export async function waitForVm(
  host: EsxiHost,
  vm: ObservedVm,
  settings: VmSettings,
  context: Context,
): Promise<void> {
  const { waitFor } = settings;
  if (!waitFor) return;
  // An installer runs once. The people who start the machine later do not want it to switch off again.
  if (waitFor.poweredOff && !(await isUnfinished(host, vm, context.signal))) return;
  // Which adapter is meant is known when all have come.
  const isOneMeant = waitFor.networkInterface !== undefined;
  const now = isOneMeant ? ((await host.vms.byReference(vm.ref)) ?? vm) : vm;
  await waitForGuest(host, now, waitFor, runOptions(context));
}

/** Powers off, and asks the guest first. */
async function shutDown(
  control: VmControl,
  vm: ObservedVm,
  settings: Pick<VmSettings, "timeouts">,
  { signal }: Context,
): Promise<void> {
  const seconds = settings.timeouts?.shutdownSeconds ?? DEFAULT_SHUTDOWN_SECONDS;
  if (vm.powerState === "suspended") await control.powerOff(vm, signal);
  else await control.shutDown(vm, seconds, signal);
}

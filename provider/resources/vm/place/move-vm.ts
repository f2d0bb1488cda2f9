import { datastoreOf } from "../../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { surely } from "../../../host/grace.ts";
import { HostError } from "../../../host/host-error.ts";
import { isThere, type MoveTarget, planMove, refuseImmovable } from "../../../host/move/move-plan.ts";
import { moveVm, type Settled, settleMove } from "../../../host/move/move-vm.ts";
import { askedTransport, chooseTransport } from "../../../host/shell/choose-transport.ts";
import { moveUnderWay } from "../../../host/vm/reading/move-mark.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { endedPowerCycle } from "../../../host/vm/reading/power-cycle.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";
import type { Context, Properties } from "../../frame/lifecycle.ts";
import { runOptions } from "../../frame/run-options.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import type { VmSettings } from "../life/vm-settings.ts";
import { isToRun, powerOffToChange } from "../life/vm-sync.ts";
import { entriesOf } from "../settings/entries.ts";
import { overSsh } from "./change-of-place.ts";

/** Settings that say where a machine's files are. */
export const PLACE_KEYS = ["datastore", "folder"] as const;

/** True if the program wants the machine in another place than before. */
export const changesPlace = (olds: Properties, settings: Properties): boolean =>
  PLACE_KEYS.some((key) => settings[key] !== undefined && settings[key] !== olds[key]);

/**
 * Moves a machine to where its program wants it now.
 * @param settled The machine, of which no move is under way.
 * @param olds What state says. It tells a change of the program from a machine that somebody else has moved.
 */
export async function moveAsAsked(
  host: EsxiHost,
  settled: Settled,
  settings: VmSettings & Properties,
  olds: Properties,
  context: Context,
  control: VmControl,
): Promise<Settled> {
  const { vm: now } = settled;
  const target = targetOf(settings, now);
  if (!changesPlace(olds, settings) || (await isThere(host, now, target))) return settled;
  if (control.changesOnlyWhileOff) {
    const { name, vmxPath } = now;
    throw new HostError(`${host.name}: ${overSsh({ name, vmxPath })}`);
  }
  await planMove(host, now, target, context.signal);
  const ran = settled.ran || now.powerState !== "poweredOff";
  const toRun = await isToRun(host, now, settings, context.signal, settled.ran);
  if (now.powerState !== "poweredOff") {
    const what = PLACE_KEYS.filter((key) => settings[key] !== undefined && settings[key] !== olds[key]);
    context.progress.status("shutting down to be moved");
    await powerOffToChange(host, now, { settings, what, toRun }, context, control);
  }
  const off = (await host.vms.byReference(now.ref)) ?? now;
  try {
    return { vm: await moveVm(host, off, target, ran, runOptions(context)), ran };
  } catch (error) {
    if (ran && toRun && !context.signal.aborted) await powerOnAgain(host, off, control, context);
    throw error;
  }
}

/**
 * What keeps a machine in state from going to where its program wants it. Undefined if nothing does, and for a machine
 * that is not found by its owner mark. Free space is not looked at, because the same run may make some.
 *
 * @param olds Inputs of the last run.
 */
export async function whyUnmovable(
  host: EsxiHost,
  olds: Properties,
  news: Properties,
): Promise<HostError | undefined> {
  // For a linked clone, the diff says it.
  if (!changesPlace(olds, news) || PLACE_KEYS.some((key) => isUnknown(news[key])) || news.mode === "linked") {
    return undefined;
  }
  const own = (await host.vms.inventory()).vms.filter(({ ownerMark }) => ownerMark?.urn === olds.__urn);
  const [vm] = own;
  if (vm === undefined || own.length > 1) return undefined;
  const target = targetOf(news as VmSettings & Properties, vm);
  try {
    if (await isThere(host, vm, target)) return undefined;
    if ((await chooseTransport(host, askedTransport(news.transport) ?? host.transport)) === "ssh") {
      const { name, vmxPath } = vm;
      return new HostError(`${host.name}: ${overSsh({ name, vmxPath })}`);
    }
    await refuseImmovable(host, vm, target);
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
}

/** Brings an interrupted move to its end, and tells which machine counts. */
export const settledVm = (host: EsxiHost, vm: ObservedVm, context: Context): Promise<Settled> =>
  settleMove(host, vm, runOptions(context));

function targetOf({ datastore, folder, disks }: VmSettings & Properties, vm: ObservedVm): MoveTarget {
  const home = datastoreOf(vm.vmxPath);
  return {
    datastore,
    folder: typeof folder === "string" ? folder : undefined,
    staying:
      datastore === undefined || datastore === home
        ? []
        : entriesOf(disks).flatMap((disk) =>
            disk.datastore === home && typeof disk.label === "string" ? [disk.label] : [],
          ),
  };
}

/** Powers a machine on again that ran before, and could not be moved. */
async function powerOnAgain(
  host: EsxiHost,
  vm: ObservedVm,
  control: VmControl,
  { progress, signal }: Context,
): Promise<void> {
  const now = await surely(signal, () => host.vms.byReference(vm.ref)).catch(() => undefined);
  // While a move is half-way, nobody knows which of the two machines is to run.
  if (now === undefined || moveUnderWay(now) !== undefined) return;
  try {
    await surely(signal, () => control.powerOn(now, now.name, signal));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    progress.warn(`"${now.name}" was shut down to be moved, and could not be powered on again: ${why}`);
    return;
  }
  // This move does not go on by itself. Until the next run, the machine's users start and stop it as before.
  const ended = endedPowerCycle(now);
  if (ended === undefined) return;
  await surely(signal, () => control.reconfigure(now, { extraConfig: ended }, signal)).catch(() => {});
}

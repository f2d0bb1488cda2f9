import type { EsxiHost } from "../../../host/esxi-host.ts";
import { settledMark } from "../../../host/move/move-vm.ts";
import {
  type EnvironmentCd,
  type PlacedIso,
  placeIso,
  removeOldIsos,
} from "../../../host/ovf-environment/place-iso.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY } from "../../../host/vm/reading/owner-mark.ts";
import { endedPowerCycle } from "../../../host/vm/reading/power-cycle.ts";
import { labelsToSettle } from "../../../host/vm/settings/disk-labels.ts";
import type { VmWishes } from "../../../host/vm/settings/settings.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";
import type { Context, Properties } from "../../frame/lifecycle.ts";
import { runOptions } from "../../frame/run-options.ts";
import { leftUnfinished, stateOf } from "../../frame/state.ts";
import { syncAutoStart } from "./sync-auto-start.ts";
import type { VmSettings } from "./vm-settings.ts";
import { vmOutputs } from "./vm-state.ts";
import { isToRun, syncVm, waitForVm } from "./vm-sync.ts";

interface FinishOptions {
  /** Outputs beyond those that every VM has. */
  readonly further?: Properties | undefined;
  /** The CD with the OVF environment that it is to have. */
  readonly environmentCd?: EnvironmentCd | undefined;
}

/** What an update or the second half of a create is to reach. */
export interface VmGoal {
  readonly settings: VmSettings & Properties;
  /**
   * The part of the configuration that is to be as it says. Its `extraConfig` has more than the program's own keys.
   */
  readonly wishes: VmWishes;
  /** Advanced settings that the program asked for before. */
  readonly before: Readonly<Record<string, string>>;
  readonly inputs: Properties;
  /** Whether this very run has made it. */
  readonly isNew?: boolean;
  /** Whether an update that failed half-way has found it running, and may have stopped it. */
  readonly ranBefore?: boolean;
  /** Digest that the owner mark is to have, of a machine that has got another place. */
  readonly digest?: string | undefined;
}

/** The output that tells the next update of {@link VmGoal.ranBefore}. */
export const RAN = "__ran";

/** From here on the VM exists. If anything fails, what is known of it is kept, and the next run goes on. */
export async function finishVm(
  host: EsxiHost,
  vm: ObservedVm,
  { settings, wishes, before, inputs, isNew = false, ranBefore = false, digest }: VmGoal,
  context: Context,
  control: VmControl,
  { further = {}, environmentCd }: FinishOptions = {},
): Promise<Properties> {
  const { hostUuid } = await host.facts();
  const owner = { of: inputs, hostUuid };
  const mark = vm.ownerMark && { ...vm.ownerMark, ...(digest !== undefined && { digest }) };
  const isOwn = mark?.urn === inputs.__urn;
  let toRun = ranBefore;
  try {
    toRun ||= await isToRun(host, vm, settings, context.signal);
    const cd = environmentCd && (await placeEnvironment(host, vm, environmentCd, context, control));
    const extraConfig = { ...wishes.extraConfig, ...cd?.wishes.extraConfig };
    const all = { ...wishes, ...cd?.wishes, extraConfig };
    const change = await syncVm(host, vm, settings, all, { toRun, isNew }, context, control);
    if (cd) await removeOldIsos(host, cd.old, context.signal);
    await syncAutoStart(host, vm, settings.autoStart, control);
    if (toRun) await waitForVm(host, vm, settings, context);
    // A VM that was read a moment ago, and was neither changed nor waited for since, is still the same.
    const same = change === "nothing" && (vm.powerState === "poweredOff" || settings.waitFor === undefined);
    const read = async () => (same ? vm : ((await host.vms.byReference(vm.ref)) ?? vm));
    // This comes last: a run that is killed before it finds its own VM again.
    const settle = async (now: ObservedVm) => {
      const isMarkedNew = mark?.phase === "creating";
      if (isMarkedNew) await control.markCreated(now, mark, context.signal);
      const extraConfig = {
        ...(!isMarkedNew && labelsToSettle(now)),
        ...settledMark(now, toRun),
        ...endedPowerCycle(now),
        ...(!isMarkedNew &&
          mark &&
          isOwn &&
          digest !== undefined && { [OWNER_MARK_KEY]: formatOwnerMark(mark) }),
      };
      if (Object.keys(extraConfig).length > 0)
        await control.reconfigure(now, { extraConfig }, context.signal);
    };
    // Powering on changes nothing that is settled here, so the VM is read meanwhile.
    const isSettledNow = change === "power" && !control.changesOnlyWhileOff;
    const settled = isSettledNow ? settle(vm) : undefined;
    const [now] = await Promise.all([read(), settled]);
    if (!isSettledNow) await settle(now);
    return stateOf({ ...vmOutputs(now, settings), ...further }, owner, "done");
  } catch (error) {
    const now = await host.vms.byReference(vm.ref).catch(() => undefined);
    // Keys that had to go may still be there, and the next run must know of them.
    const keys = { ...before, ...settings.extraConfig };
    const wanted = Object.keys(keys).length > 0 ? { ...settings, extraConfig: keys } : settings;
    const outs = {
      ...vmOutputs(now ?? vm, wanted),
      ...further,
      ...(settings.powerOn === "once" && toRun && { [RAN]: true }),
    };
    throw leftUnfinished(vm.instanceUuid, outs, owner, error);
  }
}

function placeEnvironment(
  host: EsxiHost,
  vm: ObservedVm,
  cd: EnvironmentCd,
  context: Context,
  control: VmControl,
): Promise<PlacedIso> {
  return placeIso(host, vm, cd, { control, ...runOptions(context) });
}

import { ageClock } from "../../../clock.ts";
import { isDatastorePath } from "../../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { expectUses } from "../../../host/file-use/needed-files.ts";
import { lately, refuseToDelete } from "../../../host/file-use/refuse-loss.ts";
import { removeTwinFolders } from "../../../host/file-use/remove-folder.ts";
import { isHalfDeleted } from "../../../host/file-use/remove-foreign-disks.ts";
import { untilStopped } from "../../../host/grace.ts";
import { lookTwice } from "../../../host/look-twice.ts";
import { registerLeftOut } from "../../../host/shell/into-pool.ts";
import { observeAutoStart } from "../../../host/vm/auto-start.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { isInPowerCycle } from "../../../host/vm/reading/power-cycle.ts";
import type { VmIdentity } from "../../../host/vm/reading/vm-of-state.ts";
import type { VmControl } from "../../../host/vm/vm-control.ts";
import { timed } from "../../frame/deadline.ts";
import { keepUnreadable } from "../../frame/keep-unreadable.ts";
import type { Context, Properties, ReadResult } from "../../frame/lifecycle.ts";
import { gone, ownHost, text } from "../../frame/own-host.ts";
import { runOptions } from "../../frame/run-options.ts";
import { isLeftUnfinished, type Phase, stateOf } from "../../frame/state.ts";
import { settledVm } from "../place/move-vm.ts";
import { entriesOf } from "../settings/entries.ts";
import type { VmSettings } from "./vm-settings.ts";
import { vmOutputs } from "./vm-state.ts";

/** Reads outputs that only this kind of machine has. */
type ReadFurther = (
  host: EsxiHost,
  vm: ObservedVm,
  props: Properties,
  signal: AbortSignal,
) => Promise<Properties>;

/**
 * What a refresh learns: the VM as its host has it now, or that it is gone. It is gone only if its own host has
 * answered and does not have it.
 * @throws HostError if it is not clear which machine it is.
 */
export function readVm(
  id: string,
  props: Properties,
  context: Context,
  further?: ReadFurther,
): Promise<ReadResult> {
  return keepUnreadable({ id, props }, context, () => readNow(id, props, context, further));
}

async function readNow(
  id: string,
  props: Properties,
  context: Context,
  further: ReadFurther | undefined,
): Promise<ReadResult> {
  const { host, vm } = await onOwnHost(props, context, ({ vms }) => {
    const identity = identityOf(id, props);
    return lookTwice(
      () => vms.snapshot(identity),
      () => vms.identified(identity),
    );
  });
  if (vm === undefined) return {};
  // After a killed run, a refresh may be the first to see its changes. The power cycle still has to be ended.
  const isToGoOn = isLeftUnfinished(props) || (isInPowerCycle(vm) && vm.powerState === "poweredOff");
  const known: Phase = isToGoOn ? "unfinished" : "done";
  const phase = isHalfDeleted(vm) ? "deleting" : known;
  // If the guest has lost an address, the new outputs do not have it. It must not come back from the old ones.
  const { defaultIpAddress: _, ...kept } = props;
  const asked = props.autoStart as VmSettings["autoStart"];
  const autoStart = asked && {
    autoStart: await keepUnreadable(asked, context, () => observeAutoStart(host, vm.ref, asked)),
  };
  const more = await further?.(host, vm, props, context.signal);
  const { hostUuid } = await host.facts();
  const outs = { ...vmOutputs(vm, kept), ...autoStart, ...more };
  return { id, props: stateOf(outs, { of: props, hostUuid }, phase) };
}

/**
 * The resource's VM, read now.
 * @throws HostError if it is not there, cannot be read now, or another host answers.
 */
export async function findOwnVm(
  id: string,
  olds: Properties,
  context: Context,
): Promise<{ host: EsxiHost; vm: ObservedVm }> {
  const { host, vm } = await onOwnHost(olds, context, ({ vms }) => vms.identified(identityOf(id, olds)));
  if (vm) return { host, vm };
  throw gone(host, `${vmNamed(olds)} (instance UUID ${id})`);
}

/**
 * Powers off and removes the VM with the files that it owns. Does nothing if it is gone.
 * @param controlOf How the host is made to do it.
 * @throws HostError if other machines need its disks, or if it cannot be read now.
 */
export async function deleteVm(
  id: string,
  props: Properties,
  base: Context,
  controlOf: (host: EsxiHost) => Promise<VmControl>,
): Promise<void> {
  const context = timed(base, props.timeouts, "delete");
  const seenAt = ageClock.now();
  const { host, vm: found } = await onOwnHost(props, context, (asked) => {
    expectUses(asked, seenAt);
    const identity = identityOf(id, props);
    return lookTwice(
      () => asked.vms.configured(identity),
      () => asked.vms.identified(identity),
    );
  });
  if (found === undefined) return;
  const { vm } = await settledVm(host, found, context);
  await untilStopped(refuseToDelete(host, vm, lately(seenAt)), context.signal);
  const control = await untilStopped(controlOf(host), context.signal);
  if (vm.powerState !== "poweredOff") {
    context.progress.status("powering off");
    await control.powerOff(vm, context.signal);
  }
  context.progress.status("deleting");
  await control.destroy(vm, context.signal, { seenAt, ...runOptions(context) });
}

/** Which machine state means. */
function identityOf(id: string, props: Properties): VmIdentity {
  return { instanceUuid: id, moid: text(props.moid), vmxPath: text(props.vmxPath), name: text(props.name) };
}

/** What a look at the VM's host finds, while it is made sure that it is that host. */
async function onOwnHost(
  props: Properties,
  context: Context,
  look: (host: EsxiHost) => Promise<ObservedVm | undefined>,
): Promise<{ host: EsxiHost; vm: ObservedVm | undefined }> {
  const host = context.host(text(props.host));
  const both = [ownHost(props, context, vmNamed(props)), look(host)] as const;
  // After a failure, the next caller must not get the answer to the earlier question.
  await untilStopped(Promise.allSettled(both), context.signal);
  const [, vm] = await Promise.all(both);
  const path = text(props.vmxPath);
  if (vm !== undefined || path === undefined || !isDatastorePath(path)) return { host, vm };
  const isBack = await registerLeftOut(host, path, runOptions(context));
  if (isBack) return { host, vm: await look(host) };
  await removeTwinFolders(host, path, datastoresOf(props), context.signal);
  return { host, vm: undefined };
}

/** The datastores that the program has asked for disks on. */
const datastoresOf = ({ disks }: Properties): string[] =>
  entriesOf(disks).flatMap(({ datastore }) => text(datastore) ?? []);

const vmNamed = ({ name }: Properties) => `The VM "${text(name) ?? "?"}"`;

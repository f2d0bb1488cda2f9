import { randomBytes } from "node:crypto";
import type { ManagedObjectReference, OptionValue, VirtualDeviceConfigSpec } from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import { deleteFile } from "../datastore/datastore-files.ts";
import {
  folderOf,
  formatDatastorePath,
  inFolder,
  isBesideVm,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { copyAutoStart } from "../vm/auto-start.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import { flagName, MOVE_KEY, type MoveMark, moveMarkOf, moveUnderWay } from "../vm/reading/move-mark.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { reconfigureAsItIs } from "../vm/reconfigure-as-it-is.ts";
import { NO_LABELS, relocatedLabels } from "../vm/settings/disk-labels.ts";
import { withKeepAlive } from "../vm/unfinished/session-keep-alive.ts";
import { destroyVm, reconfigureVm, renameVm } from "../vm/vm-operations.ts";
import { differencesOfMoved } from "./compare.ts";
import { copyMachine } from "./copy-machine.ts";
import { inNewHome, type MovePlan, type MoveTarget, newPlaces, planMove } from "./move-plan.ts";
import { machineAt, takeMoveBack, untilMoveRests } from "./take-back.ts";

export interface MoveOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
}

/**
 * Moves a machine that is powered off to another place on its host. It keeps its identity. Its files are copied, the
 * copy is registered and compared, and only then the old machine is deleted with its files. The old one counts until
 * the comparison. If anything fails before that, the move is taken back.
 *
 * @param ran Whether the machine ran before it was shut down for the move.
 * @returns The machine at its new place, powered off. It has another managed object id.
 */
export async function moveVm(
  host: EsxiHost,
  vm: ObservedVm,
  target: MoveTarget,
  ran: boolean,
  options: MoveOptions,
): Promise<ObservedVm> {
  const { signal, onStatus, onWarning } = options;
  const plan = await planMove(host, vm, target, signal);
  const mark: MoveMark = {
    schema: 1,
    from: vm.vmxPath,
    to: formatDatastorePath(inNewHome(parseDatastorePath(vm.vmxPath), plan.folder)),
    flag: flagName(randomBytes(8).toString("hex")),
    phase: "copying",
    ran,
    keepsUuid: !vm.extraConfig.get("uuid.action"),
  };
  const arrived = await withKeepAlive(host, async () => {
    try {
      await reconfigureVm(host, vm, () => ({ extraConfig: marking(mark) }), signal);
      await copyMachine(host, vm, plan, mark, options);
      onStatus("registering it at its new place");
      return await arrive(host, vm, plan, mark, signal);
    } catch (error) {
      await clearAway(signal, (limit) => takeMoveBack(host, vm, mark, limit)).catch((failure: unknown) => {
        // The first error matters more. The next run finds the mark and goes on.
        const why = failure instanceof Error ? failure.message : String(failure);
        onWarning(
          `The unfinished copy of "${vm.name}" could not be removed. The next run will remove it. Reason: ${why}`,
        );
      });
      throw error;
    }
  });
  onStatus("removing it from its old place");
  await leave(host, vm, arrived, mark, signal);
  return (await host.vms.byReference(arrived.ref)) ?? arrived;
}

/** A machine as an interrupted move has left it, and whether it ran before. */
export interface Settled {
  readonly vm: ObservedVm;
  readonly ran: boolean;
}

/**
 * Ends a move that was interrupted. If the copy was not compared yet, the move is taken back. If it was, the move is
 * finished.
 * @returns The machine that counts, the only one of its identity that is left.
 */
export async function settleMove(host: EsxiHost, vm: ObservedVm, options: MoveOptions): Promise<Settled> {
  const mark = moveUnderWay(vm);
  if (mark === undefined) return { vm, ran: false };
  const { signal, onStatus } = options;
  const { ran } = mark;
  onStatus("ending a move that was interrupted");
  await untilMoveRests(host, signal);
  const now = (await host.vms.byReference(vm.ref)) ?? vm;
  if (vm.vmxPath !== mark.to) {
    return { vm: await endMove(host, now, await machineAt(host, now, mark.to), mark, signal), ran };
  }
  const old = await machineAt(host, vm, mark.from);
  // The old machine is gone, or another move has put one there.
  if (old === undefined || moveMarkOf(old)?.flag !== mark.flag) return { vm: now, ran };
  return { vm: await endMove(host, old, now, mark, signal), ran };
}

/** @returns The machine that counts. */
async function endMove(
  host: EsxiHost,
  old: ObservedVm,
  arrived: ObservedVm | undefined,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<ObservedVm> {
  // Only the old machine tells: the mark of the copy was copied with it.
  const counts = moveMarkOf(old)?.phase === "leaving" && arrived !== undefined ? arrived : old;
  if (counts === old) await takeMoveBack(host, old, mark, signal);
  else await leave(host, old, counts, mark, signal);
  return (await host.vms.byReference(counts.ref)) ?? counts;
}

/**
 * What to write on a machine that has been moved, when all is done. Undefined for any other machine.
 * @param runs Whether it has been powered on at its new place, and so knows that it was moved.
 */
export function settledMark(vm: ObservedVm, runs: boolean): Readonly<Record<string, string>> | undefined {
  const mark = moveMarkOf(vm);
  if (mark === undefined || mark.to !== vm.vmxPath) return undefined;
  const knowsPlace = runs && mark.keepsUuid;
  if (mark.phase === "done" && !knowsPlace) return undefined;
  const done: MoveMark = { ...mark, phase: "done", keepsUuid: mark.keepsUuid && !runs };
  return { [MOVE_KEY]: JSON.stringify(done), ...(knowsPlace && { "uuid.action": "" }) };
}

/** Without `uuid.action` the host would ask at the next power-on whether the machine was moved or copied, and wait. */
function marking(mark: MoveMark): OptionValue[] {
  const settings = { [MOVE_KEY]: JSON.stringify(mark), ...(mark.keepsUuid && { "uuid.action": "keep" }) };
  return optionValues(settings);
}

const optionValues = (settings: Readonly<Record<string, string>>): OptionValue[] =>
  Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));

/** Registers the copy, sets the places of its disks, and compares it with the original. */
async function arrive(
  host: EsxiHost,
  vm: ObservedVm,
  plan: MovePlan,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<ObservedVm> {
  const ref = await register(host, vm, mark, signal);
  const there = await present(host, ref, vm);
  const places = newPlaces(plan);
  const media = mediaLeftBehind(there, plan);
  const labels = relocatedLabels(there, places);
  if (labels !== undefined || media.length > 0) {
    const spec = { extraConfig: optionValues(labels ?? {}), deviceChange: media };
    await reconfigureAsItIs(host, there, () => spec, signal);
  }
  const [old, arrived] = [await present(host, vm.ref, vm), await present(host, ref, vm)];
  const differences = differencesOfMoved(old, arrived, places);
  if (differences.length === 0) return arrived;
  throw new HostError(
    `${host.name}: "${vm.name}" is not at ${mark.to} what it was at ${mark.from}, so it stays where it was. It differs ` +
      `in ${differences.join(", ")}. Run \`pulumi up\` again to try it once more, or say its old place in the program.`,
  );
}

/**
 * Hosts write a disk's file without its folder. But they write an image in a drive with its folder, so the copy still
 * names the old one.
 */
function mediaLeftBehind(there: ObservedVm, { files, folder }: MovePlan): VirtualDeviceConfigSpec[] {
  const carried = new Map(
    files.map((file) => [formatDatastorePath(file), formatDatastorePath(inNewHome(file, folder))]),
  );
  return there.devices.flatMap((device) => {
    const { backing } = device;
    if (isA(device, "VirtualDisk") || !isA(backing, "VirtualDeviceFileBackingInfo")) return [];
    const fileName = carried.get(backing.fileName);
    if (fileName === undefined) return [];
    const moved = { ...device, backing: { ...backing, fileName, datastore: undefined } };
    return [create("VirtualDeviceConfigSpec", { operation: "edit", device: moved })];
  });
}

async function present(
  host: EsxiHost,
  ref: ManagedObjectReference,
  { name }: ObservedVm,
): Promise<ObservedVm> {
  const vm = await host.vms.byReference(ref);
  if (vm) return vm;
  throw new HostError(
    `${host.name} does not have "${name}" any more, so it cannot be moved. Run \`pulumi refresh\`, then \`pulumi up\` again.`,
  );
}

async function register(
  host: EsxiHost,
  vm: ObservedVm,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<ManagedObjectReference> {
  const [{ vmFolder }, { resourcePool: pool }] = await Promise.all([
    host.facts(),
    retrieveOne(host.client, vm.ref, "VirtualMachine", ["resourcePool"], signal),
  ]);
  signal.throwIfAborted();
  const limit = aMomentAfter(signal);
  const call = (name: string | undefined) =>
    madeDespiteLostAnswer(
      () =>
        host.task<ManagedObjectReference>(
          () =>
            host.client.call(
              vmFolder,
              "RegisterVM_Task",
              { path: mark.to, ...(name !== undefined && { name }), asTemplate: false, pool },
              { signal: limit },
            ),
          { signal: limit },
        ),
      async () => {
        await untilMoveRests(host, limit);
        return (await machineAt(host, vm, mark.to))?.ref;
      },
    );
  const ref = await call(undefined).catch((error: unknown) => {
    // Some hosts allow each name once. The copy gets its own name when the old machine is gone.
    if (isFault(error, "DuplicateName")) return call(mark.flag);
    throw error;
  });
  if (ref) return ref;
  throw new HostError(
    `${host.name} registered "${vm.name}" at ${mark.to}, but does not say which machine that is. ` +
      "Run `pulumi up` again.",
  );
}

/**
 * Removes the machine at the old place, which no longer counts. Disks elsewhere belong to the new machine by now, so
 * they are taken out of the old one first. Settings of the old machine about its disks do not keep a file from being
 * deleted.
 */
async function leave(
  host: EsxiHost,
  vm: ObservedVm,
  arrived: ObservedVm,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<void> {
  const flag = inFolder(folderOf(parseDatastorePath(mark.to)), mark.flag);
  const old = await host.vms.byReference(vm.ref);
  await (old && emptyOld(host, old, arrived, mark, signal))?.catch((error: unknown) => {
    // The host may just be deleting it for a run that was killed.
    if (!isFault(error, "ManagedObjectNotFound")) throw error;
  });
  await deleteFile(host, formatDatastorePath(flag), signal);
  const empty = old && (await host.vms.byReference(old.ref));
  if (empty) await destroyVm(host, empty, signal);
  if (arrived.name !== vm.name) await renameVm(host, arrived.ref, vm.name, signal);
}

/** @throws HostError if somebody has started the old machine. */
async function emptyOld(
  host: EsxiHost,
  old: ObservedVm,
  arrived: ObservedVm,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<void> {
  if (old.powerState !== "poweredOff") {
    throw new HostError(
      `${host.name}: "${old.name}" was moved to ${mark.to}, and somebody has started it at its old place since. Power ` +
        "that one off, then run `pulumi up` again: what it has done since is lost with it.",
    );
  }
  await copyAutoStart(host, old.ref, arrived.ref);
  const leaving = { ...NO_LABELS, [MOVE_KEY]: JSON.stringify({ ...mark, phase: "leaving" }) };
  await reconfigureAsItIs(
    host,
    old,
    (now) => ({
      extraConfig: optionValues(leaving),
      deviceChange: disksAmong(now.devices)
        .filter((disk) => !isBesideVm(chainOf(disk)[0] ?? "", now.vmxPath))
        .map((device) => create("VirtualDeviceConfigSpec", { operation: "remove", device })),
    }),
    signal,
  );
}

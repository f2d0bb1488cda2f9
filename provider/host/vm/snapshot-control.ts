import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { formatVmx, parseVmx, type Vmx } from "../../vmx/vmx.ts";
import { parseDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { othersEnded } from "../others-tasks.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { chooseTransport } from "../shell/choose-transport.ts";
import { confirmed } from "../shell/confirmed.ts";
import { encodeSnapshotName } from "./reading/vm-name.ts";
import {
  type ObservedSnapshot,
  removeSnapshot,
  renameSnapshot,
  type SnapshotsOfVm,
  type SnapshotWish,
  snapshotsOf,
  takeSnapshot,
} from "./vm-snapshots.ts";

type Machine = Pick<SnapshotsOfVm, "moid" | "name" | "instanceUuid" | "vmxPath">;

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress?: (percent: number) => void;
}

/** Changes snapshots, in the way that the host allows. */
export interface SnapshotControl {
  /** True if nobody can change the texts of a snapshot while its machine runs. They must be right from the start. */
  readonly keepsTexts: boolean;
  /** @param isIt Tells the new snapshot from others. */
  take(
    vm: Machine & { readonly ref: ManagedObjectReference },
    wish: SnapshotWish,
    isIt: (snapshot: ObservedSnapshot) => boolean,
    options: Options,
  ): Promise<ManagedObjectReference>;
  /** Texts that are left out stay. */
  rename(vm: Machine, snapshot: ObservedSnapshot, texts: Partial<Texts>, signal: AbortSignal): Promise<void>;
  /** Removes that snapshot and no other. Nothing happens if it is gone. */
  remove(vm: Machine, snapshot: Pick<ObservedSnapshot, "ref">, options: Options): Promise<void>;
}

type Texts = Pick<ObservedSnapshot, "name" | "description">;

export const snapshotControl = (host: EsxiHost): Promise<SnapshotControl> =>
  writerOf<SnapshotControl>(host, { api: byApi, ssh: byShell });

const byApi = (host: EsxiHost): SnapshotControl => ({
  keepsTexts: false,
  take: (vm, wish, isIt, options) =>
    madeDespiteLostAnswer(
      () => takeSnapshot(host, vm, wish, options),
      async () => (options.signal.aborted ? undefined : (await find(host, vm, isIt))?.ref),
    ),
  rename: (_vm, { ref }, texts, signal) => renameSnapshot(host, ref, texts, signal),
  remove: (_vm, { ref }, options) => removeSnapshot(host, ref, options),
});

const byShell = (host: EsxiHost, shell: EsxiShell): SnapshotControl => ({
  keepsTexts: true,

  async take(vm, { name, description = "", memory, quiesce }, isIt, options) {
    const { signal } = options;
    const flags = [memory, quiesce].map((flag) => (flag ? "1" : "0"));
    const words = [vm.moid, encodeSnapshotName(name), description, ...flags];
    return confirmed(host, {
      what: `take the snapshot "${name}" of "${vm.name}"`,
      write: (limit) =>
        untilDone(host, () => shell.vimCmd(["vmsvc/snapshot.create", ...words], limit), limit),
      look: async () => (await find(host, vm, isIt))?.ref,
      signal,
    });
  },

  rename: (vm, snapshot, texts, signal) => rename(host, shell, vm, snapshot, texts, signal),

  async remove(vm, { ref }, { signal }) {
    const id = numberOf(ref);
    const there = () => find(host, vm, (one) => one.ref.value === ref.value);
    if ((await there()) === undefined) return;
    await confirmed(host, {
      what: `remove a snapshot of "${vm.name}"`,
      write: (limit) => untilDone(host, () => shell.removeSnapshot(vm.moid, id, limit), limit),
      look: async () => ((await there()) === undefined ? true : undefined),
      signal,
    });
  },
});

async function find(
  host: EsxiHost,
  vm: Machine,
  isIt: (snapshot: ObservedSnapshot) => boolean,
): Promise<ObservedSnapshot | undefined> {
  return (await snapshotsOf(host, vm))?.snapshots.find(isIt);
}

/** A command may return before the host has ended its task. */
async function untilDone(
  host: EsxiHost,
  command: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await command();
  } finally {
    await othersEnded(host, /(create|remove)Snapshot/i, signal);
  }
}

/** The number of a snapshot within its machine. The host's id of the snapshot ends with it. */
function numberOf({ value }: ManagedObjectReference): string {
  return value.slice(value.lastIndexOf("-") + 1);
}

/**
 * No command renames a snapshot. Its texts are in the `.vmsd` file, which the host reads again while the machine is
 * off. If the host does not take the new texts, the old file is put back.
 */
async function rename(
  host: EsxiHost,
  shell: EsxiShell,
  vm: Machine,
  snapshot: ObservedSnapshot,
  texts: Partial<Texts>,
  signal: AbortSignal,
): Promise<void> {
  const { ref } = snapshot;
  const observed = await host.vms.identified(vm);
  const what = `rename the snapshot "${snapshot.name}" of "${vm.name}"`;
  if (observed?.powerState !== "poweredOff") throw mustBeOff(host, vm, snapshot);
  const path = toHostPath(parseDatastorePath(vm.vmxPath)).replace(/\.vmx$/, ".vmsd");
  const before = await shell.readTwice(path, signal);
  const vmsd = before && parseVmx(before);
  const key = vmsd && keyOf(vmsd, numberOf(ref));
  if (before === undefined || vmsd === undefined || key === undefined)
    throw new HostError(
      `${host.name}: could not ${what}: ${path} does not list it. Nothing was changed. Run \`pulumi refresh\`, then \`pulumi up\` again.`,
    );
  const name = texts.name === undefined ? undefined : encodeSnapshotName(texts.name);
  if (name !== undefined) vmsd.set(`${key}.displayName`, name);
  if (texts.description !== undefined) vmsd.set(`${key}.description`, texts.description);
  const put = async (bytes: Uint8Array, limit: AbortSignal) => {
    if (!(await shell.writeAndReload(path, bytes, vm.moid, limit))) await shell.reload(vm.moid, limit);
  };
  const wished = { ...snapshot, ...texts };
  try {
    await confirmed(host, {
      what,
      write: (limit) => put(formatVmx(vmsd), limit),
      look: () =>
        find(
          host,
          vm,
          (one) =>
            one.id === snapshot.id && one.name === wished.name && one.description === wished.description,
        ),
      signal,
    });
  } catch (error) {
    await clearAway(signal, (limit) => put(before, limit)).catch(() => {});
    throw error;
  }
}

/**
 * Why a machine's snapshot cannot get another name or description in the machine's present state. Undefined if it can.
 * Changes nothing.
 */
export async function whyNotRenamed(
  host: EsxiHost,
  vm: Pick<Machine, "name"> & { readonly ref: ManagedObjectReference },
  snapshot: Pick<Texts, "name">,
): Promise<HostError | undefined> {
  const isOff = (await host.vms.byReference(vm.ref))?.powerState === "poweredOff";
  if (isOff || (await chooseTransport(host, host.transport)) === "api") return undefined;
  return mustBeOff(host, vm, snapshot);
}

const mustBeOff = (host: EsxiHost, vm: Pick<Machine, "name">, { name }: Pick<Texts, "name">): HostError =>
  new HostError(
    `${host.name}: could not rename the snapshot "${name}" of "${vm.name}": over SSH the machine must be off for that. Power it ` +
      "off, then run `pulumi up` again. Nothing was changed.",
  );

/** `snapshot3` for the snapshot of that number. */
function keyOf(vmsd: Vmx, number: string): string | undefined {
  const found = vmsd.keys().find((key) => /^snapshot\d+\.uid$/i.test(key) && vmsd.get(key) === number);
  return found?.replace(/\.uid$/i, "");
}

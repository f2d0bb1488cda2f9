import type { EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { formatVmx, parseVmx, type Vmx } from "../../../vmx/vmx.ts";
import { copyName } from "../../clone/clone-files.ts";
import {
  baseName,
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
  toHostPath,
} from "../../datastore/datastore-path.ts";
import { nameOf } from "../../datastore/place-claim.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { diskOf } from "../../file-use/file-names.ts";
import { rememberGiven } from "../../file-use/given-files.ts";
import { refuseWhileNeeded } from "../../file-use/needed-files.ts";
import { foldersElsewhere } from "../../file-use/own-elsewhere.ts";
import { RECORD_KEY, recordedDisks, writtenRecord } from "../../file-use/vmx-record.ts";
import { clearAway } from "../../grace.ts";
import { HostError } from "../../host-error.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { labelsToSettle } from "../../vm/settings/disk-labels.ts";
import type { VmWishes } from "../../vm/settings/settings.ts";
import { pendingWishes, specOf } from "../../vm/settings/wishes.ts";
import type { DiskWork, NameDisk } from "../../vm/vmx/write-disk.ts";
import { applyToVmx, changeVmx } from "../../vm/vmx/write-vmx.ts";
import { makeParents } from "../ssh-folder.ts";
import { asWritten } from "./as-written.ts";
import { lostVmx } from "./lost-vmx.ts";
import { writeVmx } from "./reload-vmx.ts";
import { type Expected, untilShown } from "./until-shown.ts";

/** Rewrites the .vmx file of a machine that is off, and lets the host read it. */
export async function editVmx(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  change: (vmx: Vmx) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = toHostPath(parseDatastorePath(vm.vmxPath));
  const bytes = await shell.readTwice(path, signal);
  if (bytes === undefined) throw lostVmx(host, vm);
  const vmx = parseVmx(bytes);
  change(vmx);
  await writeVmx(host, shell, vm, formatVmx(vmx), signal);
}

/**
 * Changes a machine that is off to the desired settings: files of disks by the tool for disks, everything else in its
 * .vmx file. The machine's record lists files before they are made or deleted, so a killed run leaves nothing behind.
 *
 * @throws HostError if the host does not show the change afterwards.
 */
export async function reconfigureByVmx(
  host: EsxiHost,
  shell: EsxiShell,
  seen: ObservedVm,
  wishes: VmWishes,
  signal: AbortSignal,
): Promise<void> {
  const shown = (await host.vms.byReference(seen.ref)) ?? seen;
  const current = isUnsettled(shown) ? await asWritten(host, shell, shown, signal) : shown;
  const vm = await settle(host, shell, current, signal);
  const pending = pendingWishes(vm, wishes);
  if (Object.keys(pending).length === 0) return;
  const given = specOf(vm, pending).deviceChange;
  rememberGiven(host, given);
  const names = await diskNames(shell, vm, pending, signal);
  // The same names each time, so that the plan of now fits the later write.
  const plan = (vmx: Vmx) => changeVmx(vmx, vm, pending, names());
  const work = await planOf(host, shell, vm, plan, signal);
  const files = work.flatMap((each) => (each.kind === "grow" ? [] : [each.file]));
  const record = (vmx: Vmx) => vmx.set(RECORD_KEY, writtenRecord(files));
  const made = work.filter((each) => each.kind !== "remove");
  if (made.length > 0) {
    if (files.length > 0) await editVmx(host, shell, vm, record, signal);
    try {
      for (const each of made) await carryOut(host, shell, each, signal);
    } catch (error) {
      await clearAway(signal, async (limit) => {
        await settle(host, shell, (await host.vms.byReference(vm.ref)) ?? vm, limit);
      }).catch(() => {});
      throw error;
    }
  }
  const change = (vmx: Vmx) => {
    plan(vmx);
    if (files.length > 0) record(vmx);
  };
  await editVmx(host, shell, vm, change, signal);
  rememberGiven(host, given);
  const now = await untilShown(host, vm, changed(host, vm, pending), signal);
  await settle(host, shell, now, signal);
}

/** Whether a change was not finished: disks are still to be deleted, or only their places are known. */
export const isUnsettled = (vm: ObservedVm): boolean => hasRecord(vm) || labelsToSettle(vm) !== undefined;

const hasRecord = ({ extraConfig }: ObservedVm) => (extraConfig.get(RECORD_KEY) ?? "") !== "";

/**
 * Finishes a change: deletes disks in the machine's record that the machine does not have, and records the identity of
 * its disks. The record is removed last.
 * @returns The machine as it is then.
 */
async function settle(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<ObservedVm> {
  if (!isUnsettled(vm)) return vm;
  await deleteRecorded(host, shell, vm, signal);
  const extraConfig = { ...labelsToSettle(vm), ...(hasRecord(vm) && { [RECORD_KEY]: "" }) };
  await editVmx(host, shell, vm, (vmx) => applyToVmx(vmx, { extraConfig }), signal);
  return (await host.vms.byReference(vm.ref)) ?? vm;
}

/** Deletes the disks in a machine's record. */
async function deleteRecorded(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  signal: AbortSignal,
): Promise<void> {
  const files = recordedDisks(vm);
  await refuseWhileNeeded(host, { files, owner: vm, doing: "remove what is not its own any more" });
  for (const file of files) await deleteIfThere(shell, file, signal);
  for (const each of foldersElsewhere(files, vm.vmxPath)) await shell.removeFolder(toHostPath(each), signal);
}

/** Deletes a disk if its folder has it. */
export async function deleteIfThere(shell: EsxiShell, file: string, signal: AbortSignal): Promise<void> {
  const place = parseDatastorePath(file);
  const folder = toHostPath(folderOf(place));
  // A disk that one look does not show would stay forever, because nothing tells any more whose it is.
  for (let looks = 0; looks < 2; looks++) {
    const there = await shell.list(folder, signal);
    if (there?.includes(nameOf(place))) return shell.deleteDisk(toHostPath(place), signal);
  }
}

async function planOf(
  host: EsxiHost,
  shell: EsxiShell,
  vm: ObservedVm,
  plan: (vmx: Vmx) => DiskWork[],
  signal: AbortSignal,
): Promise<DiskWork[]> {
  const bytes = await shell.readTwice(toHostPath(parseDatastorePath(vm.vmxPath)), signal);
  if (bytes === undefined) throw lostVmx(host, vm);
  return plan(parseVmx(bytes));
}

/** Not more at once than disks are copied, because the host kills tools beyond that. */
async function carryOut(
  host: EsxiHost,
  shell: EsxiShell,
  work: Exclude<DiskWork, { readonly kind: "remove" }>,
  signal: AbortSignal,
): Promise<void> {
  const place = parseDatastorePath(work.file);
  const path = toHostPath(place);
  if (work.kind === "grow") return host.copies.run(() => shell.growDisk(path, work.sizeMb, signal), signal);
  await makeParents(shell, place, signal);
  await host.copies.run(() => shell.createDisk(path, work.sizeMb, work.format, signal), signal);
}

/** Names new disks like a host: after the .vmx file, with the first free number. */
async function diskNames(
  shell: EsxiShell,
  vm: ObservedVm,
  { disks = [] }: VmWishes,
  signal: AbortSignal,
): Promise<() => NameDisk> {
  const vmx = parseDatastorePath(vm.vmxPath);
  const own = folderOf(vmx);
  const datastores = new Set([own.datastore, ...disks.flatMap(({ datastore }) => datastore ?? [])]);
  const there = new Map<string, readonly string[]>();
  for (const datastore of disks.length === 0 ? [] : datastores) {
    const names = await shell.list(toHostPath({ ...own, datastore }), signal);
    there.set(datastore, (names ?? []).map(diskOf));
  }
  return () => {
    const given: string[] = [];
    return (datastore = own.datastore) => {
      for (let number = 0; ; number++) {
        const name = copyName(baseName(vmx), number);
        const file = formatDatastorePath(inFolder({ ...own, datastore }, name));
        if (there.get(datastore)?.includes(name) || given.includes(file)) continue;
        given.push(file);
        return file;
      }
    };
  };
}

/** What the host is to show after a change. */
const changed = (host: EsxiHost, vm: ObservedVm, { bootOrder: _, ...wishes }: VmWishes): Expected => ({
  isShown: (now) => Object.keys(pendingWishes(now, wishes)).length === 0,
  notShown: (now) => {
    const missing = now === undefined ? ["the machine"] : Object.keys(pendingWishes(now, wishes));
    return new HostError(
      `${host.name}: ${missing.join(", ")} of "${vm.name}" was changed over SSH, in ${vm.vmxPath}, and the host does not ` +
        "show it. Look at the file, then run `pulumi up` again.",
    );
  },
});

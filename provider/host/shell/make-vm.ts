import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { formatVmx, type Vmx } from "../../vmx/vmx.ts";
import { type DatastorePath, inFolder, toHostPath } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { withKeepAlive } from "../vm/unfinished/session-keep-alive.ts";
import { poolToRegister } from "./into-pool.ts";
import { isUnknown, registerVm } from "./register-vm.ts";
import { claimFolder, clearFolderAway, type MakingOptions, type NewMachine } from "./ssh-folder.ts";

/** The place of a new machine's files. */
export interface NewPlace {
  readonly folder: DatastorePath;
  /** The name that its files share, without the ending. */
  readonly base: string;
}

/**
 * Makes a machine in the host's shell. Nothing is written through the API. First comes a folder with a flag in it, then
 * the caller's files, then the .vmx file, which is registered. The flag stays until everything of the machine is made
 * (`markCreated` of its control removes it). Until then the next run makes the machine again.
 *
 * The call looks like this:
 *
 *     makeVm(host, shell, { name, datastore, folder, mark, disks }, options, async ({ folder, base }) => {
 *       // Disks come under `draftName(mark, n)` and are renamed to `copyName(base, n)` when they are whole.
 *       const vmx = newVmx({ displayName: encodeVmName(name), nvram: `${base}.nvram`, hardwareVersion, guestOs });
 *       applyToVmx(vmx, { ...configWishes, extraConfig }); // with the owner mark, and `flagOf(mark)` in it
 *       writeDevices(vmx, { vmxPath, devices: BLANK_VM.devices }, changesWithThoseDisks, nameDisk);
 *       return vmx;
 *     });
 *
 * Everything that can be done once the machine exists is not done here: `sshControl(…).reconfigure` makes and attaches
 * disks and drives, and a killed run leaves nothing of that behind.
 *
 * @param fill Puts the machine's files there, except for the .vmx file, and returns the content of that.
 * @returns The new machine, powered off.
 * @throws The error of `fill`. After any error everything that was made is removed.
 */
export function makeVm(
  host: EsxiHost,
  shell: EsxiShell,
  machine: NewMachine,
  options: MakingOptions,
  fill: (place: NewPlace) => Vmx | Promise<Vmx>,
): Promise<ObservedVm> {
  const { signal } = options;
  return withKeepAlive(host, async () => {
    const pool = await poolToRegister(host, machine.resourcePool, machine.name);
    const folder = await claimFolder(host, shell, machine, options);
    const base = nameOf(folder);
    const vmxFile = inFolder(folder, `${base}.vmx`);
    let registering = false;
    try {
      const vmx = await fill({ folder, base });
      const path = toHostPath(vmxFile);
      signal.throwIfAborted();
      await shell.writeFile(path, formatVmx(vmx), aMomentAfter(signal));
      registering = true;
      return await registerVm(host, shell, vmxFile, signal, pool);
    } catch (error) {
      if (!registering || (await isUnknown(shell, vmxFile, signal)))
        await clearFolderAway(shell, folder, machine.mark, options);
      throw error;
    }
  });
}

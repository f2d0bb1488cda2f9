import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { formatVmx, type Vmx } from "../../vmx/vmx.ts";
import { type DatastorePath, inFolder, toHostPath } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { withSignOfLife } from "../vm/unfinished/sign-of-life.ts";
import { poolToRegister } from "./into-pool.ts";
import { isUnknown, registerVm } from "./register-vm.ts";
import { claimFolder, clearFolderAway, type MakingOptions, type NewMachine } from "./ssh-folder.ts";

/** Where a machine that is being made has its files. */
export interface NewPlace {
  readonly folder: DatastorePath;
  /** What its files are called, before the ending. */
  readonly base: string;
}

/**
 * Makes a machine in the host's shell, without one write through the API: a folder with a flag in it, then what the
 * caller puts there, then the .vmx file, which is registered. The flag stays: whoever has made all that belongs to the
 * machine takes it away (`markCreated` of its control), and until then the next run makes the machine anew.
 *
 * A machine is written so:
 *
 *     makeVm(host, shell, { name, datastore, folder, mark, disks }, options, async ({ folder, base }) => {
 *       // Disks come under `draftName(mark, n)` and are renamed to `copyName(base, n)` when they are whole.
 *       const vmx = newVmx({ displayName: encodeVmName(name), nvram: `${base}.nvram`, hardwareVersion, guestOs });
 *       applyToVmx(vmx, { ...configWishes, extraConfig }); // with the owner mark, and `flagOf(mark)` in it
 *       writeDevices(vmx, { vmxPath, devices: BLANK_VM.devices }, changesWithThoseDisks, nameDisk);
 *       return vmx;
 *     });
 *
 * What can be done when the machine is there needs no place in this: `sshControl(…).reconfigure` makes and attaches disks
 * and drives, and a run that is killed meanwhile leaves nothing.
 *
 * @param fill Puts the machine's files there, all but the .vmx file, and says what that is to be.
 * @returns The new machine, powered off.
 * @throws What `fill` throws; whatever fails, all that was made goes again.
 */
export function makeVm(
  host: EsxiHost,
  shell: EsxiShell,
  machine: NewMachine,
  options: MakingOptions,
  fill: (place: NewPlace) => Vmx | Promise<Vmx>,
): Promise<ObservedVm> {
  const { signal } = options;
  return withSignOfLife(host, async () => {
    const pool = await poolToRegister(host, machine.resourcePool, machine.name);
    const folder = await claimFolder(host, shell, machine, options);
    const base = nameOf(folder);
    const vmxFile = inFolder(folder, `${base}.vmx`);
    let registering = false;
    try {
      const vmx = await fill({ folder, base });
      const path = toHostPath(vmxFile);
      signal.throwIfAborted();
      await shell.writeFile(path, formatVmx(vmx), `${path}-draft`, aMomentAfter(signal));
      registering = true;
      return await registerVm(host, shell, vmxFile, signal, pool);
    } catch (error) {
      if (!registering || (await isUnknown(shell, vmxFile, signal)))
        await clearFolderAway(shell, folder, machine.mark, options);
      throw error;
    }
  });
}

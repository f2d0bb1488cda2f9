import { newVmx } from "../../../vmx/new-vmx.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { findDatastore } from "../../inventory/named-places.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY, type OwnerMark } from "../../vm/reading/owner-mark.ts";
import { encodeVmName } from "../../vm/reading/vm-name.ts";
import { vmxGuestOs } from "../../vm/settings/guest-ids.ts";
import { newestHardwareVersion } from "../../vm/settings/hardware-version.ts";
import type { ConfigWishes, VmWishes } from "../../vm/settings/settings.ts";
import { applyToVmx } from "../../vm/vmx/write-vmx.ts";
import { shellOf } from "../host-shell.ts";
import { makeVm } from "../make-vm.ts";
import { flagOf, type MakingOptions } from "../ssh-folder.ts";

/** A machine that is made from nothing. */
interface NewVm {
  readonly name: string;
  /** Default: the host's only one. */
  readonly datastore: string | undefined;
  readonly resourcePool: string | undefined;
  readonly guestId: string;
  /** The desired settings. Of its devices, only the adapters. */
  readonly wishes: ConfigWishes & Pick<VmWishes, "networkInterfaces">;
  readonly mark: OwnerMark;
}

/**
 * Makes a machine without drives and ports in the host's shell. Nothing is written through the API. Drives and ports
 * are a later change, by `VmControl.reconfigure`.
 */
export async function buildVmBySsh(
  host: EsxiHost,
  { name, datastore: asked, resourcePool, guestId, wishes, mark }: NewVm,
  options: MakingOptions,
): Promise<ObservedVm> {
  const [{ name: datastore }, { apiVersion }] = [await findDatastore(host, asked), await host.facts()];
  const shell = await shellOf(host).open();
  const machine = { name, datastore, resourcePool, folder: undefined, mark, disks: 0 };
  return makeVm(host, shell, machine, options, ({ base }) => {
    const vmx = newVmx({
      displayName: encodeVmName(name),
      nvram: `${base}.nvram`,
      hardwareVersion: wishes.hardwareVersion ?? newestHardwareVersion(apiVersion),
      guestOs: vmxGuestOs(guestId),
    });
    const ownMark = { [OWNER_MARK_KEY]: formatOwnerMark({ ...mark, flag: flagOf(mark) }) };
    applyToVmx(vmx, { ...wishes, extraConfig: { ...wishes.extraConfig, ...ownMark } });
    return vmx;
  });
}

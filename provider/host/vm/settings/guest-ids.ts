import { findType } from "../../../../schema/index.ts";

/** All ids of guest operating systems in vSphere's schema. A host may know only some of them. */
export const GUEST_IDS: readonly string[] = knownGuestIds();

function knownGuestIds(): readonly string[] {
  const type = findType("VirtualMachineGuestOsIdentifier");
  if (type?.kind !== "enum") throw new Error("The schema has no ids of guests.");
  return type.values;
}

/** Names in .vmx files that cannot be derived from the id, after open-vm-tools' `guest_os_tables.h`. */
const IRREGULAR: Readonly<Record<string, string>> = {
  winLonghornGuest: "longhorn",
  winLonghorn64Guest: "longhorn-64",
  windowsHyperVGuest: "winhyperv",
  windows7Server64Guest: "windows7srv-64",
  windows8Server64Guest: "windows8srv-64",
  windows9Server64Guest: "windows9srv-64",
  vmwarePhoton64Guest: "vmware-photon-64",
  crxPod1Guest: "crxpod1-64",
  crxSys1Guest: "crxsys1-64",
  otherGuest64: "other-64",
};

/** The name of the guest in a .vmx file: `ubuntu-64` for `ubuntu64Guest`. */
export function vmxGuestOs(guestId: string): string {
  return (
    IRREGULAR[guestId] ??
    guestId
      .replace(/Guest$/, "")
      .replace(/_?64$/, "-64")
      .toLowerCase()
  );
}

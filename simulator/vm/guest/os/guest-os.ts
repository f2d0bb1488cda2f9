/** Guest operating systems: the API's ids, their names in the `.vmx`, and their full names. */
import { findType } from "../../../../schema/index.ts";
import { FULL_NAMES } from "./full-names.ts";

export interface GuestOs {
  readonly id: string;
  readonly vmx: string;
  readonly fullName: string;
  readonly family: "linuxGuest" | "windowsGuest" | "otherGuestFamily";
  readonly bits: 32 | 64;
}

/** Names in the `.vmx` that cannot be derived from the id. Like the aliases, from open-vm-tools' `guest_os_tables.h`. */
const VMX_NAMES: Readonly<Record<string, string>> = {
  otherGuest64: "other-64",
  vmwarePhoton64Guest: "vmware-photon-64",
  windowsHyperVGuest: "winhyperv",
  winLonghornGuest: "longhorn",
  winLonghorn64Guest: "longhorn-64",
  crxPod1Guest: "crxpod1-64",
  crxSys1Guest: "crxsys1-64",
};
/** Names that a host reads and never writes; the editions of Windows are in {@link EDITION}. */
const ALIASES: Readonly<Record<string, string>> = {
  nt4: "winNTGuest",
  win2000: "win2000ProGuest",
  whistler: "winXPHomeGuest",
  linux: "otherLinuxGuest",
  "mandrake-64": "mandriva64Guest",
  os2experimental: "os2Guest",
};
/** `winserver2008datacenter-64`, `winvistabusiness-32` */
const EDITION = /^win(server2008|vista)[a-z]+-(32|64)$/;
const LINUX =
  /linux|ubuntu|debian|centos|rhel|redhat|fedora|suse|sles|coreos|photon|flatcar|mandr|asianux|oes|nld|pardus|sjds|crx|fusionos/i;

const identifiers = findType("VirtualMachineGuestOsIdentifier");

/** All guests with an id in the API. */
export const GUESTS: readonly GuestOs[] =
  identifiers?.kind === "enum" ? identifiers.values.map((id) => guest(id)) : [];

const byId = new Map(GUESTS.map((one) => [one.id, one]));
const byVmx = new Map(GUESTS.map((one) => [one.vmx, one]));

export function findGuestOs(id: string): GuestOs | undefined {
  return byId.get(id);
}

/** The system in a `.vmx`, by its name there or by the API's id. */
export function guestOsOfVmx(vmx: string): GuestOs {
  const name = vmx.toLowerCase();
  const unknown = { ...guest("otherGuest"), vmx };
  return byVmx.get(name) ?? byId.get(ALIASES[name] ?? edition(name) ?? vmx) ?? unknown;
}

function edition(name: string): string | undefined {
  const [, product, bits] = EDITION.exec(name) ?? [];
  if (product === undefined) return undefined;
  return `${product === "vista" ? "winVista" : "winLonghorn"}${bits === "64" ? "64" : ""}Guest`;
}

function guest(id: string): GuestOs {
  const bits = /64(Guest)?$/.test(id) || /^vmkernel|^windowsHyperV|^crx/.test(id) ? 64 : 32;
  const family = id.startsWith("win") ? "windowsGuest" : LINUX.test(id) ? "linuxGuest" : "otherGuestFamily";
  return {
    id,
    vmx: VMX_NAMES[id] ?? vmxName(id),
    fullName: FULL_NAMES[id] ?? fullName(id, bits),
    family,
    bits,
  };
}

/** `windows9Server64Guest` → `windows9srv-64`, `debian12_64Guest` → `debian12-64`. */
function vmxName(id: string): string {
  return id
    .replace(/Guest$/, "")
    .replace(/Server64$/, "srv64")
    .replace(/_?64$/, "-64")
    .toLowerCase();
}

function fullName(id: string, bits: number): string {
  const words = id.replace(/_?(64)?Guest$/, "").replace(/(\d+)/g, " $1");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} (${bits}-bit)`;
}

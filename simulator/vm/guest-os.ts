/** Guest operating systems: the API's ids, what the `.vmx` calls them, and their names. */
interface GuestOs {
  readonly id: string;
  readonly vmx: string;
  readonly fullName: string;
  readonly family: "linuxGuest" | "windowsGuest" | "otherGuestFamily";
}

const linux = (id: string, vmx: string, fullName: string): GuestOs => ({
  id,
  vmx,
  fullName,
  family: "linuxGuest",
});
const windows = (id: string, vmx: string, fullName: string): GuestOs => ({
  id,
  vmx,
  fullName,
  family: "windowsGuest",
});
const other = (id: string, vmx: string, fullName: string): GuestOs => ({
  id,
  vmx,
  fullName,
  family: "otherGuestFamily",
});

const KNOWN: readonly GuestOs[] = [
  other("dosGuest", "dos", "Microsoft MS-DOS"),
  windows("winXPProGuest", "winxppro", "Microsoft Windows XP Professional (32-bit)"),
  windows("windows7_64Guest", "windows7-64", "Microsoft Windows 7 (64-bit)"),
  windows("windows9_64Guest", "windows9-64", "Microsoft Windows 10 (64-bit)"),
  windows("windows11_64Guest", "windows11-64", "Microsoft Windows 11 (64-bit)"),
  windows("windows9Server64Guest", "windows9srv-64", "Microsoft Windows Server 2016 or later (64-bit)"),
  windows("windows2019srv_64Guest", "windows2019srv-64", "Microsoft Windows Server 2019 (64-bit)"),
  windows("windows2019srvNext_64Guest", "windows2019srvnext-64", "Microsoft Windows Server 2022 (64-bit)"),
  linux("ubuntuGuest", "ubuntu", "Ubuntu Linux (32-bit)"),
  linux("ubuntu64Guest", "ubuntu-64", "Ubuntu Linux (64-bit)"),
  linux("debian10Guest", "debian10", "Debian GNU/Linux 10 (32-bit)"),
  linux("debian10_64Guest", "debian10-64", "Debian GNU/Linux 10 (64-bit)"),
  linux("debian11_64Guest", "debian11-64", "Debian GNU/Linux 11 (64-bit)"),
  linux("debian12_64Guest", "debian12-64", "Debian GNU/Linux 12 (64-bit)"),
  linux("centos64Guest", "centos-64", "CentOS 4/5 or later (64-bit)"),
  linux("centos7_64Guest", "centos7-64", "CentOS 7 (64-bit)"),
  linux("centos8_64Guest", "centos8-64", "CentOS 8 (64-bit)"),
  linux("rhel7_64Guest", "rhel7-64", "Red Hat Enterprise Linux 7 (64-bit)"),
  linux("rhel8_64Guest", "rhel8-64", "Red Hat Enterprise Linux 8 (64-bit)"),
  linux("rhel9_64Guest", "rhel9-64", "Red Hat Enterprise Linux 9 (64-bit)"),
  linux("fedora64Guest", "fedora-64", "Red Hat Fedora (64-bit)"),
  linux("coreos64Guest", "coreos-64", "CoreOS Linux (64-bit)"),
  linux("vmwarePhoton64Guest", "vmware-photon-64", "VMware Photon OS (64-bit)"),
  linux("other24xLinuxGuest", "other24xlinux", "Other 2.4.x Linux (32-bit)"),
  linux("other26xLinuxGuest", "other26xlinux", "Other 2.6.x Linux (32-bit)"),
  linux("other26xLinux64Guest", "other26xlinux-64", "Other 2.6.x Linux (64-bit)"),
  linux("other3xLinuxGuest", "other3xlinux", "Other 3.x Linux (32-bit)"),
  linux("other3xLinux64Guest", "other3xlinux-64", "Other 3.x or later Linux (64-bit)"),
  linux("other4xLinuxGuest", "other4xlinux", "Other 4.x Linux (32-bit)"),
  linux("other4xLinux64Guest", "other4xlinux-64", "Other 4.x Linux (64-bit)"),
  linux("other5xLinux64Guest", "other5xlinux-64", "Other 5.x or later Linux (64-bit)"),
  linux("other6xLinux64Guest", "other6xlinux-64", "Other 6.x or later Linux (64-bit)"),
  linux("otherLinuxGuest", "otherlinux", "Other Linux (32-bit)"),
  linux("otherLinux64Guest", "otherlinux-64", "Other Linux (64-bit)"),
  other("freebsd64Guest", "freebsd-64", "FreeBSD Pre-11 versions (64-bit)"),
  other("freebsd12_64Guest", "freebsd12-64", "FreeBSD 12 (64-bit)"),
  other("freebsd13_64Guest", "freebsd13-64", "FreeBSD 13 (64-bit)"),
  other("vmkernel65Guest", "vmkernel65", "VMware ESXi 6.5 or later"),
  other("otherGuest", "other", "Other (32-bit)"),
  other("otherGuest64", "other-64", "Other (64-bit)"),
];

/** Ids that the table lacks but that have the form of one are taken as they are: hosts know some two hundred. */
export function findGuestOs(id: string): GuestOs | undefined {
  const known = KNOWN.find((one) => one.id === id);
  if (known) return known;
  return /^[a-z]\w*Guest(64)?$/.test(id) ? other(id, id, id.replace(/Guest(64)?$/, "")) : undefined;
}

export function guestOsOfVmx(vmx: string): GuestOs {
  return (
    KNOWN.find((one) => one.vmx === vmx.toLowerCase()) ??
    findGuestOs(vmx) ??
    other("otherGuest", vmx, "Other (32-bit)")
  );
}

/** Names of guests in `.vmx` files, from VMware's own table: open-vm-tools, `guest_os_tables.h`. */
import { expect, test } from "vitest";
import { findGuestOs, guestOsOfVmx } from "../../../../../simulator/vm/guest/os/guest-os.ts";

test.each([
  ["genericlinux", "genericLinuxGuest"],
  ["CRXPod1-64", "crxPod1Guest"],
  ["winNetEnterprise-64", "winNetEnterprise64Guest"],
  ["freeBSD12-64", "freebsd12_64Guest"],
  ["windows2019srvNext-64", "windows2019srvNext_64Guest"],
])("%s is %s, and is written for it", (vmx, id) => {
  expect(guestOsOfVmx(vmx).id).toBe(id);
  expect(findGuestOs(id)?.vmx).toBe(vmx.toLowerCase());
});

test.each([
  ["linux", "otherLinuxGuest"],
  ["nt4", "winNTGuest"],
  ["whistler", "winXPHomeGuest"],
  ["win2000", "win2000ProGuest"],
  ["mandrake-64", "mandriva64Guest"],
  ["os2experimental", "os2Guest"],
  ["winServer2008DatacenterCore-32", "winLonghornGuest"],
  ["winServer2008Web-64", "winLonghorn64Guest"],
  ["winVistaHomeBasic-32", "winVistaGuest"],
  ["winVistaBusiness-64", "winVista64Guest"],
  ["ubuntu64Guest", "ubuntu64Guest"],
  ["no-such-guest", "otherGuest"],
])("%s is read as %s, and never written", (vmx, id) => {
  expect(guestOsOfVmx(vmx).id).toBe(id);
  expect(findGuestOs(id)?.vmx).not.toBe(vmx.toLowerCase());
});

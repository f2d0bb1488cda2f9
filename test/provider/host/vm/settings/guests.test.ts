import { expect, test } from "vitest";
import { insteadOf } from "../../../../../provider/host/vm/settings/guest-drivers.ts";
import { GUEST_IDS, vmxGuestOs } from "../../../../../provider/host/vm/settings/guest-ids.ts";
import { guestOsOfVmx } from "../../../../../simulator/vm/guest/os/guest-os.ts";

test("the ids of guests are those of the schema", () => {
  expect(GUEST_IDS.length).toBeGreaterThan(180);
  expect(GUEST_IDS).toEqual(expect.arrayContaining(["dosGuest", "ubuntu64Guest", "otherGuest64"]));
});

test.each([
  ["dosGuest", "dos"],
  ["ubuntu64Guest", "ubuntu-64"],
  ["rhel7_64Guest", "rhel7-64"],
  ["debian12_64Guest", "debian12-64"],
  ["other3xLinux64Guest", "other3xlinux-64"],
  ["otherGuest", "other"],
  ["otherGuest64", "other-64"],
  ["windows9Server64Guest", "windows9srv-64"],
  ["windows2019srvNext_64Guest", "windows2019srvnext-64"],
  ["winNetEnterprise64Guest", "winnetenterprise-64"],
  ["winLonghorn64Guest", "longhorn-64"],
  ["winXPPro64Guest", "winxppro-64"],
  ["win2000AdvServGuest", "win2000advserv"],
  ["vmwarePhoton64Guest", "vmware-photon-64"],
  ["vmkernel65Guest", "vmkernel65"],
  ["windowsHyperVGuest", "winhyperv"],
  ["genericLinuxGuest", "genericlinux"],
  ["crxPod1Guest", "crxpod1-64"],
  ["crxSys1Guest", "crxsys1-64"],
])("%s is %s in a .vmx file", (guestId, vmx) => {
  expect(vmxGuestOs(guestId)).toBe(vmx);
});

test("no two guests have the same name in .vmx files", () => {
  expect(new Set(GUEST_IDS.map(vmxGuestOs)).size).toBe(GUEST_IDS.length);
});

test("the simulated host shows each guest by the name that a .vmx file has for it", () => {
  const shown = GUEST_IDS.map((id) => guestOsOfVmx(vmxGuestOs(id)).id);
  expect(shown).toEqual(GUEST_IDS);
});

test.each([
  ["dosGuest", "ide", "pcnet32"],
  ["win98Guest", "ide", "pcnet32"],
  ["win2000ServGuest", "buslogic", "pcnet32"],
  ["rhel2Guest", "buslogic", "pcnet32"],
  ["rhel4Guest", "lsilogic", undefined],
  ["rhel4_64Guest", "lsilogic", undefined],
  ["other24xLinux64Guest", "lsilogic", "pcnet32"],
  ["solaris9Guest", "lsilogic", "e1000"],
  ["solaris10_64Guest", "lsilogic", undefined],
  ["freebsd11_64Guest", "lsilogic", undefined],
  ["netware6Guest", "buslogic", "pcnet32"],
  ["darwin14_64Guest", "sata", "e1000"],
  ["darwin19_64Guest", "sata", undefined],
  ["ubuntu64Guest", undefined, undefined],
  ["windows9Server64Guest", undefined, undefined],
  ["winNetStandardGuest", undefined, undefined],
  ["rhel5Guest", undefined, undefined],
  ["other26xLinuxGuest", undefined, undefined],
  ["freebsd12Guest", undefined, undefined],
  ["vmkernel7Guest", undefined, undefined],
  ["otherGuest64", undefined, undefined],
])("%s is better served by %s than by pvscsi, and by %s than by vmxnet3", (guestId, disk, network) => {
  expect(GUEST_IDS).toContain(guestId);
  expect([insteadOf("pvscsi", guestId), insteadOf("vmxnet3", guestId)]).toEqual([disk, network]);
});

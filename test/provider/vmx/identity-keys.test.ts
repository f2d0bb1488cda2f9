/** Which keys of a .vmx file a copy must not have. */
import { expect, test } from "vitest";
import { isGuestKey, isIdentityKey } from "../../../provider/vmx/identity-keys.ts";

/** Each with an end after which it would be another key. Undefined for those that go whatever follows. */
const KEYS: readonly (readonly [key: string, end: string | undefined])[] = [
  ["uuid.bios", "x"],
  ["uuid.location", "x"],
  ["vc.uuid", "x"],
  ["vm.genid", "s"],
  ["vm.genidX", "s"],
  ["machine.id", "x"],
  ["vmci0.id", "x"],
  ["scsi10.sasWWID", "x"],
  ["nvme12.subnqnUUID", "x"],
  ["viv.moid", "x"],
  ["ethernet10.generatedAddress", "es"],
  ["ethernet0.generatedAddressOffset", "s"],
  ["ethernet0.address", "Type"],
  ["sched.swap.derivedName", "x"],
  ["extendedConfigFile", "x"],
  ["vmxstats.filename", "x"],
  ["migrate.hostLog", undefined],
  ["checkpoint.vmState.readOnly", undefined],
  ["vmotion.checkpointFBSize", undefined],
];

test.each(KEYS)("%s is about the identity of one machine, in whatever case", (key) => {
  for (const spelled of [key, key.toLowerCase(), key.toUpperCase()])
    expect(isIdentityKey(spelled)).toBe(true);
});

test.each(KEYS)("what only contains %s, or goes on behind it, is something else", (key, end) => {
  expect(isIdentityKey(`my${key}`)).toBe(false);
  if (end !== undefined) expect(isIdentityKey(`${key}${end}`)).toBe(false);
});

test("data for a guest are those of its own name", () => {
  expect(["guestinfo.a", "GuestInfo.a", "myguestinfo.a", "guestinfo"].map(isGuestKey)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

/**
 * Keys of a .vmx file about the identity and the former place of a virtual machine, not about its configuration. A copy
 * must not have them, because the host gives it its own.
 */
const IDENTITY = [
  /^uuid\.(bios|location)$/,
  /^vc\.uuid$/,
  /^vm\.genidx?$/,
  /^machine\.id$/,
  /^vmci0\.id$/,
  /^scsi\d+\.saswwid$/,
  /^nvme\d+\.subnqnuuid$/,
  /^viv\.moid$/,
  /^ethernet\d+\.(generatedaddress|generatedaddressoffset|address)$/,
  /^sched\.swap\.derivedname$/,
  /^migrate\./,
  /^extendedconfigfile$/,
  /^vmxstats\.filename$/,
  /^checkpoint\.vmstate/,
  /^vmotion\./,
];

/** True for a key that a copy must not have. Case does not matter. */
export function isIdentityKey(key: string): boolean {
  return IDENTITY.some((pattern) => pattern.test(key.toLowerCase()));
}

/** True for keys with data for, or from, the guest of one machine. A copy starts without them. */
export function isGuestKey(key: string): boolean {
  return key.toLowerCase().startsWith("guestinfo.");
}

/**
 * Keys of a .vmx file that say which virtual machine it is and where it was, and not how it is made. A copy must not
 * have them: the host gives it its own.
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

/** True for what was put into, or reported by, the guest of one machine: a copy starts without it. */
export function isGuestKey(key: string): boolean {
  return key.toLowerCase().startsWith("guestinfo.");
}

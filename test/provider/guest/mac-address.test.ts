import fc from "fast-check";
import { expect, test } from "vitest";
import { macOf } from "../../../provider/guest/mac-address.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { draws } from "../../support/draws.ts";
import { offlineCheck } from "../resources/offline-check.ts";

test.each([
  ["10.44.3.17", "00:50:56:2c:03:11"],
  ["10.44.3.17/24", "00:50:56:2c:03:11"],
  ["10.64.0.1", "00:50:56:00:00:01"],
  ["10.63.255.254", "00:50:56:3f:ff:fe"],
  ["192.168.1.2", "00:50:56:28:01:02"],
  ["fd00::17/64", "00:50:56:00:00:17"],
  ["fd00::ff:abcd", "00:50:56:3f:ab:cd"],
  ["fd00:0:0::", "00:50:56:00:00:00"],
  ["2001:db8:1:2:3:4:5:6", "00:50:56:05:00:06"],
  ["::ffff:10.44.3.17", "00:50:56:2c:03:11"],
  ["fe80::1%eth0", "00:50:56:00:00:01"],
])("%s has the MAC address %s", (address, mac) => {
  expect(macOf(address)).toBe(mac);
});

test.each(["", "10.44.3", "web", "10.44.3.17:80", "/24"])("%j is no address", (address) => {
  expect(() => macOf(address)).toThrow(RangeError);
});

test("no two addresses of a /10 have the same", () => {
  const lastBits = fc.integer({ min: 0, max: 0x3f_ff_ff });
  const addressOf = (bits: number) => `10.${64 + (bits >> 16)}.${(bits >> 8) & 255}.${bits & 255}`;
  const property = fc.property(lastBits, lastBits, (one, other) => {
    const isSame = macOf(addressOf(one)) === macOf(addressOf(other));
    expect(isSame).toBe(one === other);
  });
  fc.assert(property, draws(500));
});

test("a host starts a machine that has any of them", async () => {
  const property = fc.asyncProperty(fc.ipV4(), async (address) => {
    const settings = { networkInterfaces: [{ network: "lab", macAddress: macOf(address) }] };
    expect((await offlineCheck(scratchVm, settings)).failures).toEqual([]);
  });
  await fc.assert(property, draws(100));
});

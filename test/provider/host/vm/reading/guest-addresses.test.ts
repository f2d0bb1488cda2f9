import { describe, expect, test } from "vitest";
import { parseSubnet } from "../../../../../provider/guest/subnet.ts";
import { addressOf, guestAddresses } from "../../../../../provider/host/vm/reading/guest-addresses.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";

const nic = (deviceConfigId: number, ...ipAddress: string[]) =>
  create("GuestNicInfo", { ipAddress, connected: true, deviceConfigId });
const bridge = nic(-1, "172.17.0.1", "fe80::42:4dff:fe8c:8cf0");
const CARDS = [
  create("VirtualVmxnet3", { key: 4000, macAddress: "00:50:56:8e:77:79" }),
  create("VirtualVmxnet3", { key: 4001, macAddress: "00:50:56:8e:77:80" }),
];

test("a guest's addresses are listed once each, the primary one first", () => {
  const nics = [nic(4000, "fe80::1", "10.0.0.5"), nic(4001, "10.0.1.5")];
  expect(guestAddresses({ nics, primary: "10.0.0.5" })).toEqual(["10.0.0.5", "fe80::1", "10.0.1.5"]);
});

test("a guest without addresses has none, and none is an empty text", () => {
  expect(guestAddresses({ nics: undefined, primary: undefined })).toEqual([]);
  expect(guestAddresses({ nics: [nic(4000, "")], primary: "" })).toEqual([]);
});

describe("the address by which others reach a guest", () => {
  test.each([
    [[], undefined],
    [["fe80::1"], undefined],
    [["169.254.3.4", "127.0.0.1", "::1", "FE80::2", "0.0.0.0", "::", "no address"], undefined],
    [["fe80::1", "10.0.0.5"], "10.0.0.5"],
    [["2001:db8::5", "10.0.0.5"], "10.0.0.5"],
    [["fe80::1", "2001:db8::5"], "2001:db8::5"],
    [["10.0.0.5", "10.0.0.6"], "10.0.0.5"],
  ])("is, of %j, %s", (addresses, expected) => {
    const network = { nics: [nic(4000, ...addresses)], primary: undefined };
    expect(addressOf(network, CARDS)).toBe(expected);
  });

  test("is the main one if that is an adapter's own", () => {
    const nics = [nic(4000, "10.0.0.5"), nic(4001, "10.0.1.5")];
    expect(addressOf({ nics, primary: "10.0.1.5" }, CARDS)).toBe("10.0.1.5");
  });

  test("is never that of a bridge, though it is first and the main one", () => {
    const nics = [bridge, nic(4000, "10.10.21.10", "fe80::250:56ff:fe8e:7779")];
    expect(addressOf({ nics, primary: "172.17.0.1" }, CARDS)).toBe("10.10.21.10");
    expect(addressOf({ nics, primary: undefined }, CARDS)).toBe("10.10.21.10");
  });

  test("is not there yet while only a bridge has one", () => {
    const nics = [bridge, nic(4000)];
    expect(addressOf({ nics, primary: "172.17.0.1" }, CARDS)).toBeUndefined();
    expect(addressOf({ nics: [bridge], primary: "172.17.0.1" }, CARDS)).toBeUndefined();
  });

  test("is that of an adapter which is known by its MAC address alone", () => {
    const found = create("GuestNicInfo", {
      ...{ ipAddress: ["10.0.0.5"], connected: true, deviceConfigId: -1 },
      macAddress: "00:50:56:8E:77:79",
    });
    expect(addressOf({ nics: [found], primary: undefined }, CARDS)).toBe("10.0.0.5");
  });

  test("is the main one where Tools report no adapters", () => {
    expect(addressOf({ nics: undefined, primary: "10.0.0.5" }, CARDS)).toBe("10.0.0.5");
    const network = { nics: undefined, primary: "10.0.0.5" };
    expect(addressOf(network, CARDS.slice(1), { networkInterface: 0 })).toBe("10.0.0.5");
    expect(addressOf(network, CARDS, { networkInterface: 0 })).toBeUndefined();
  });
});

describe("of several addresses", () => {
  const network = {
    nics: [nic(4000, "10.20.1.5", "2001:db8::5"), nic(4001, "192.168.7.5")],
    primary: "10.20.1.5",
  };

  test.each([
    [{ networkInterface: 1 }, "192.168.7.5"],
    [{ networkInterface: 2 }, undefined],
    [{ family: "ipv6" }, "2001:db8::5"],
    [{ family: "ipv6", networkInterface: 1 }, undefined],
    [{ subnet: "192.168.0.0/16" }, "192.168.7.5"],
    [{ subnet: "2001:db8::/32" }, "2001:db8::5"],
    [{ subnet: "10.21.0.0/16" }, undefined],
  ] as const)("%j means %s", (wish, expected) => {
    expect(addressOf(network, CARDS, wish)).toBe(expected);
  });
});

test.each(["", "10.0.0.0", "10.0.0.0/33", "2001:db8::/129", "10.0.0/8", "10.0.0.0/8 ", "x/8", "/8"])(
  "%j is no subnet",
  (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  },
);

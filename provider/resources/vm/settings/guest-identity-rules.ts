import { isIPv6 } from "node:net";
import * as v from "valibot";
import type { GuestIdentity, GuestInterface } from "../../../guest/identity.ts";
import { addressOfMac, macOf } from "../../../guest/mac-address.ts";
import { nameOf } from "../../../guest/network-config.ts";
import { hasAddress, parseSubnet, plainAddress } from "../../../guest/subnet.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown, UNKNOWN } from "../../inputs/check-inputs.ts";
import { entriesOf, partsOf } from "./entries.ts";
import { advancedKeys } from "./guest-documents.ts";
import { guestIdentity } from "./guest-identity.ts";

/** The smallest MTU for IPv6. */
const IPV6_MTU = 1280;

/**
 * Gives an adapter without a MAC address the one that belongs to its static address. So the preview, people who reserve
 * addresses, and the guest's network configuration all know it before the machine exists.
 */
export function withMacAddresses(inputs: Properties): Properties {
  const interfaces = entriesOf(partsOf(inputs.guest).interfaces);
  if (!Array.isArray(inputs.networkInterfaces) || interfaces.length === 0) return inputs;
  const networkInterfaces = inputs.networkInterfaces.map((adapter: unknown, index) => {
    const parts = partsOf(adapter);
    if (Object.keys(parts).length === 0 || parts.macAddress !== undefined) return adapter;
    const macAddress = macFor(interfaces[index]?.addresses);
    return macAddress === undefined ? adapter : { ...parts, macAddress };
  });
  return { ...inputs, networkInterfaces };
}

function macFor(addresses: unknown): string | undefined {
  if (isUnknown(addresses)) return UNKNOWN;
  const chosen = addressOfMac((Array.isArray(addresses) ? addresses : []).map(String));
  const subnet = chosen === undefined ? undefined : parseSubnet(chosen);
  return subnet === undefined ? undefined : macOf(subnet.address);
}

/** Parts of the guest's identity that contradict each other or other settings. */
export function guestIdentityRules(inputs: Properties): CheckFailure[] {
  const parsed = v.safeParse(guestIdentity, inputs.guest);
  const guest = parsed.success ? parsed.output : undefined;
  if (guest === undefined) return [];
  return [
    ...adapterRules(guest, inputs),
    ...interfaceRules(guest),
    ...userRules(guest),
    ...saidElsewhere(guest, inputs),
  ];
}

function adapterRules({ interfaces }: GuestIdentity, { networkInterfaces }: Properties): CheckFailure[] {
  if (interfaces === undefined || isUnknown(networkInterfaces)) return [];
  const adapters = entriesOf(networkInterfaces);
  if (adapters.length !== interfaces.length) {
    const there = networkInterfaces === undefined ? "is not given" : `has ${adapters.length}`;
    const reason = `must have as many entries as networkInterfaces, which ${there}: each interface is one adapter, in the same order`;
    return [{ property: "guest.interfaces", reason }];
  }
  return adapters.flatMap(({ macAddress }, index) => {
    if (macAddress !== undefined) return [];
    const reason =
      "is needed, because the guest knows its adapter by it, and there is no address in " +
      `guest.interfaces.${index} of which it could be made. The function macOf makes one of any address`;
    return [{ property: `networkInterfaces.${index}.macAddress`, reason }];
  });
}

function interfaceRules({ interfaces = [] }: GuestIdentity): CheckFailure[] {
  const names = interfaces.map(nameOf);
  const addresses = interfaces.flatMap((each, index) =>
    (each.addresses ?? []).map((address, place) => ({
      property: `guest.interfaces.${index}.addresses.${place}`,
      plain: plainAddress(address),
    })),
  );
  const twice = addresses.flatMap(({ property, plain }, index) => {
    const first = addresses.findIndex((other) => other.plain === plain);
    return first === index ? [] : [{ property, reason: `is also ${addresses[first]?.property}` }];
  });
  const sameNames = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    const property = `guest.interfaces.${index}.name`;
    return first === index ? [] : [{ property, reason: `is also that of guest.interfaces.${first}` }];
  });
  return [...interfaces.flatMap(oneInterface), ...twice, ...sameNames];
}

function oneInterface(one: GuestInterface, index: number): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (setting: string, reason: string) =>
    failures.push({ property: `guest.interfaces.${index}.${setting}`, reason });
  const { addresses = [], gateway, gateway6, routes = [], mtu } = one;
  if (one.dhcp4 === true && addresses.length > 0)
    fail("dhcp4", "must not be true together with addresses: use one of the two");
  const own = addresses.flatMap((address) => parseSubnet(address) ?? []);
  const isReached = (router: string) =>
    /^fe[89ab]/i.test(router) ||
    own.some((subnet) => isIPv6(subnet.address) === isIPv6(router) && hasAddress(subnet, router));
  const why = "must be in the network of one of addresses, otherwise the guest cannot reach it";
  if (gateway !== undefined && !isReached(gateway)) fail("gateway", why);
  if (gateway6 !== undefined && !isReached(gateway6)) fail("gateway6", why);
  for (const [place, { to, via }] of routes.entries()) {
    const isMixed = isIPv6(via) !== isIPv6(parseSubnet(to)?.address ?? "");
    if (isMixed) fail(`routes.${place}.via`, "must be of the same kind as to: both IPv4, or both IPv6");
    else if (addresses.length > 0 && !isReached(via)) fail(`routes.${place}.via`, why);
  }
  const hasIpv6 = own.some(({ address }) => isIPv6(address));
  if (hasIpv6 && mtu !== undefined && mtu < IPV6_MTU)
    fail("mtu", `must be at least ${IPV6_MTU} with an IPv6 address`);
  return failures;
}

function userRules({ users = [] }: GuestIdentity): CheckFailure[] {
  const names = users.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    const property = `guest.users.${index}.name`;
    return first === index ? [] : [{ property, reason: `is also that of guest.users.${first}` }];
  });
}

/** Settings that would tell the guest the same thing twice, with different values. */
function saidElsewhere(guest: GuestIdentity, inputs: Properties): CheckFailure[] {
  const { cloudInit, ignition } = inputs;
  const { metaData, networkConfig } = partsOf(cloudInit);
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string) => failures.push({ property, reason });
  const either = (mine: string) => `sets the same as ${mine}: use one of the two`;
  if (ignition !== undefined) {
    fail("guest", "is for guests with cloud-init, and ignition for other guests: use one of the two");
  }
  if (networkConfig !== undefined && guest.interfaces !== undefined) {
    fail("cloudInit.networkConfig", either("guest.interfaces"));
  }
  if (typeof metaData === "string" && metaData !== UNKNOWN) {
    fail("cloudInit.metaData", "must be an object and not a text, because the setting guest is added to it");
  }
  const writes: readonly (readonly [key: string, setting: keyof GuestIdentity])[] = [
    ["local-hostname", "hostname"],
    ["hostname", "hostname"],
    ["network", "interfaces"],
    ["wait-on-network", "waitOnNetwork"],
  ];
  for (const [key, setting] of writes) {
    if (partsOf(metaData)[key] === undefined || guest[setting] === undefined) continue;
    fail(`cloudInit.metaData.${key}`, either(`guest.${setting}`));
  }
  for (const { key, property } of advancedKeys(inputs)) {
    if (!/^guestinfo\.(vendordata|metadata)(\.encoding)?$/i.test(key)) continue;
    fail(property, "is also written by the setting guest: use one of the two");
  }
  return failures;
}

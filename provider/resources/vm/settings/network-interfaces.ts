import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { ADAPTER_TYPES } from "../../../host/vm/settings/network-interfaces.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { entriesOf } from "./entries.ts";
import { items, type Theme } from "./setting.ts";

/** A network adapter of a virtual machine. */
export interface NetworkInterfaceArgs {
  /** The port group's name. Changed in place, while the machine runs. */
  network: pulumi.Input<string>;
  /**
   * `vmxnet3`, `e1000e`, `e1000` or `pcnet32`. Default: as it is, for a new adapter `vmxnet3`. Another type replaces
   * the adapter in place, for `pcnet32` with one power cycle. The new adapter has another MAC address unless
   * `macAddress` is given.
   */
  adapterType?: pulumi.Input<"vmxnet3" | "e1000e" | "e1000" | "pcnet32"> | undefined;
  /**
   * The adapter's MAC address, `00:50:56:01:02:03`. Addresses that VMware generates itself are refused: 00:0c:29, and
   * 00:50:56 from 00:50:56:40:00:00 on. Default: the one that `macOf` makes of the static address in `guest`, otherwise
   * the host generates one. Changed with one power cycle.
   */
  macAddress?: pulumi.Input<string> | undefined;
  /** Whether the adapter is connected, now and at power-on. Default true. Changed in place. */
  connected?: pulumi.Input<boolean> | undefined;
}

/** The network adapters of a virtual machine. */
export interface AdapterSettings {
  /**
   * All network adapters of the VM, in order. Default: those of the source; a clone's have new MAC addresses. Changed
   * in place, a MAC address with one power cycle. For example `[{ network: "VM Network" }]`.
   */
  networkInterfaces?: pulumi.Input<pulumi.Input<NetworkInterfaceArgs>[]> | undefined;
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** Addresses that VMware gives out itself. A host does not start a machine for which somebody has set one of them. */
const GENERATED_MAC = /^(00:0c:29|00:50:56:[4-9a-f])/i;

/** Neither a group address, nor all zeros. */
const isOneMachines = (mac: string) =>
  Number.parseInt(mac.slice(0, 2), 16) % 2 === 0 && !/^00(:00){5}$/.test(mac);

const networkInterface = v.strictObject(
  {
    network: v.pipe(v.string("must be a port group's name"), v.nonEmpty("must not be empty")),
    adapterType: v.optional(oneOf(ADAPTER_TYPES)),
    macAddress: v.optional(
      v.pipe(
        text,
        v.regex(MAC, "must be six pairs of hexadecimal digits with colons between, like 00:50:56:01:02:03"),
        v.check(
          isOneMachines,
          "must be the address of one machine: its first pair is even, and it is not all zeros",
        ),
        v.check(
          (mac) => !GENERATED_MAC.test(mac),
          "must not be in a range in which VMware generates addresses itself: 00:0c:29, and 00:50:56 from 00:50:56:40:00:00 on",
        ),
      ),
    ),
    connected: v.optional(yesOrNo),
  },
  unknownSetting,
);

/**
 * Check, cost and preview. A virtual machine can have at most ten adapters.
 * @internal
 */
export const networkInterfaces = {
  networkInterfaces: {
    check: v.optional(
      v.pipe(v.array(networkInterface, "must be a list"), v.maxLength(10, "must have at most ten")),
    ),
    cost: items(["macAddress"], { countIsFixed: false }),
    told: "parts",
  },
} satisfies Theme<AdapterSettings>;

/**
 * No two adapters of a machine may have the same address.
 * @internal
 */
export function networkInterfaceRules(inputs: Properties): CheckFailure[] {
  const addresses = entriesOf(inputs.networkInterfaces).map(({ macAddress }) =>
    typeof macAddress === "string" && !isUnknown(macAddress) ? macAddress.toLowerCase() : undefined,
  );
  return addresses.flatMap((address, index) => {
    const first = addresses.indexOf(address);
    if (address === undefined || first === index) return [];
    const property = `networkInterfaces.${index}.macAddress`;
    return [{ property, reason: `is also that of networkInterfaces.${first}` }];
  });
}

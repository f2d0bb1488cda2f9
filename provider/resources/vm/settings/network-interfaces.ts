import * as v from "valibot";
import { ADAPTER_TYPES } from "../../../host/vm/settings/network-interfaces.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, unknownSetting, yesOrNo } from "../../inputs/setting-forms.ts";
import { entriesOf } from "./entries.ts";

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
/** What VMware gives out itself: a host starts no machine that was given one of these. */
const GENERATED_MAC = /^(00:0c:29|00:50:56:[4-9a-f])/i;

/** Neither a group's address nor nobody's. */
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
          "must not lie where VMware generates addresses itself: 00:0c:29, and 00:50:56 from 00:50:56:40:00:00 on",
        ),
      ),
    ),
    connected: v.optional(yesOrNo),
  },
  unknownSetting,
);

/** The setting `networkInterfaces`: at most ten, as many as a virtual machine can have. */
export const networkInterfaces = v.optional(
  v.pipe(v.array(networkInterface, "must be a list"), v.maxLength(10, "must have at most ten")),
);

/** No two adapters of a machine may have the same address. */
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

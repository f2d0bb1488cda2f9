import * as v from "valibot";
import { ADAPTER_TYPES } from "../../../host/vm-config/network-interfaces.ts";
import { isUnknown } from "../../check-inputs.ts";
import type { CheckFailure, Properties } from "../../lifecycle.ts";
import { oneOf, text, unknownSetting, yesOrNo } from "../../setting-forms.ts";
import { entriesOf } from "./entries.ts";

/** VMware's own range for addresses that people give: 00:50:56:00:00:00 to 00:50:56:3f:ff:ff. */
const MANUAL_MAC = /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/i;

const networkInterface = v.strictObject(
  {
    network: v.pipe(v.string("must be a port group's name"), v.nonEmpty("must not be empty")),
    adapterType: v.optional(oneOf(ADAPTER_TYPES)),
    macAddress: v.optional(
      v.pipe(
        text,
        v.regex(
          MANUAL_MAC,
          "must lie in VMware's range for manual addresses, 00:50:56:00:00:00 to 00:50:56:3f:ff:ff",
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

import * as v from "valibot";
import { ADAPTER_TYPES } from "../../../host/vm-adapters.ts";
import { oneOf, unknownSetting } from "./forms.ts";

/** VMware's own range for addresses that people give: 00:50:56:00:00:00 to 00:50:56:3f:ff:ff. */
const MANUAL_MAC = /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/i;

const networkInterface = v.strictObject(
  {
    network: v.pipe(v.string("must be a port group's name"), v.nonEmpty("must not be empty")),
    adapterType: v.optional(oneOf(ADAPTER_TYPES)),
    macAddress: v.optional(
      v.pipe(
        v.string("must be a text"),
        v.regex(
          MANUAL_MAC,
          "must lie in VMware's range for manual addresses, 00:50:56:00:00:00 to 00:50:56:3f:ff:ff",
        ),
      ),
    ),
  },
  unknownSetting,
);

/** The setting `networkInterfaces`: at most ten, as many as a virtual machine can have. */
export const networkInterfaces = v.optional(
  v.pipe(v.array(networkInterface, "must be a list"), v.maxLength(10, "must have at most ten")),
);

import * as v from "valibot";
import { readNetworks } from "../../host/inventory/networks.ts";
import { oneNamed } from "../../host/inventory/one-of.ts";
import { name, unknownSetting } from "../inputs/setting-forms.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";

/** Answers {@link getNetwork}. */
export const getNetwork = lookUpLifecycle({
  name: "getNetwork",
  schema: v.strictObject({ name, host: v.optional(name) }, unknownSetting),
  async read(host, { name }) {
    return { result: oneNamed(host, await readNetworks(host), name, "network") };
  },
});

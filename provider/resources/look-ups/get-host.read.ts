import * as v from "valibot";
import { readHostDetails } from "../../host/inventory/host-details.ts";
import { name, unknownSetting } from "../inputs/setting-forms.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";

/** Answers {@link getHost}. */
export const getHost = lookUpLifecycle({
  name: "getHost",
  schema: v.strictObject({ host: v.optional(name) }, unknownSetting),
  async read(host) {
    const details = await readHostDetails(host);
    return { id: details.hostUuid, result: { name: host.name, ...details } };
  },
});

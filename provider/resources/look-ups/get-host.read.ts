import * as v from "valibot";
import { readHostDetails } from "../../host/inventory/host-details.ts";
import { name, unknownSetting } from "../inputs/setting-forms.ts";
import type { GetHostResult } from "./get-host.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";

/** Answers {@link getHost}. */
export const getHost = lookUpLifecycle({
  name: "getHost",
  schema: v.strictObject({ host: v.optional(name) }, unknownSetting),
  async read(host) {
    const result: GetHostResult = { name: host.name, ...(await readHostDetails(host)) };
    return { id: result.hostUuid, result };
  },
});

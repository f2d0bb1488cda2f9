import * as v from "valibot";
import { readDatastores } from "../../host/inventory/datastores.ts";
import { oneNamed } from "../../host/inventory/one-of.ts";
import { name, unknownSetting } from "../inputs/setting-forms.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";

/** Answers {@link getDatastore}. */
export const getDatastore = lookUpLifecycle({
  name: "getDatastore",
  schema: v.strictObject({ name, host: v.optional(name) }, unknownSetting),
  async read(host, { name }) {
    return { result: oneNamed(host, await readDatastores(host), name, "datastore") };
  },
});

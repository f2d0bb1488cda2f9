import * as v from "valibot";
import { findVm } from "../../host/inventory/find-vm.ts";
import type { VmKey } from "../../host/inventory/vm-by-key.ts";
import { name, unknownSetting } from "../inputs/setting-forms.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";
import { foundVm } from "./vm-result.ts";

const KEYS: readonly VmKey[] = ["name", "instanceUuid", "moid", "vmxPath"];

/** Answers {@link getVm}. */
export const getVm = lookUpLifecycle({
  name: "getVm",
  schema: v.pipe(
    v.strictObject(
      {
        host: v.optional(name),
        name: v.optional(name),
        instanceUuid: v.optional(name),
        moid: v.optional(name),
        vmxPath: v.optional(name),
      },
      unknownSetting,
    ),
    v.check(
      (args) => KEYS.filter((key) => args[key] !== undefined).length === 1,
      `give exactly one of ${KEYS.join(", ")}`,
    ),
  ),
  async read(host, args) {
    const key = KEYS.find((each) => args[each] !== undefined) ?? "name";
    const vm = await findVm(host, key, args[key] ?? "");
    return { id: vm.instanceUuid || vm.vmxPath, result: foundVm(vm, await host.facts()) };
  },
});

import * as v from "valibot";
import { oneNamed } from "../../host/inventory/one-of.ts";
import { readVms } from "../../host/inventory/vms.ts";
import { name, oneOf, unknownSetting } from "../setting-forms.ts";
import { lookUpLifecycle } from "./look-up.ts";
import { foundVm } from "./vm-result.ts";

const POWER_STATES = ["poweredOn", "poweredOff", "suspended"] as const;

/** Answers {@link getVms}. */
export const getVms = lookUpLifecycle({
  name: "getVms",
  schema: v.strictObject(
    {
      host: v.optional(name),
      namePattern: v.optional(name),
      powerState: v.optional(oneOf(POWER_STATES)),
      resourcePool: v.optional(name),
    },
    unknownSetting,
  ),
  async read(host, { namePattern = "*", powerState, resourcePool }) {
    const { vms, resourcePools } = await readVms(host);
    if (resourcePool !== undefined) oneNamed(host, resourcePools, resourcePool, "resource pool");
    const pattern = regExpOf(namePattern);
    const found = vms.filter(
      (vm) =>
        pattern.test(vm.name) &&
        (powerState === undefined || vm.powerState === powerState) &&
        (resourcePool === undefined || vm.resourcePool === resourcePool),
    );
    const facts = await host.facts();
    return { result: found.map((vm) => foundVm(vm, facts)) };
  },
});

/** `*` stands for any characters, `?` for one. */
function regExpOf(pattern: string): RegExp {
  const parts = [...pattern].map((character) => {
    if (character === "*") return ".*";
    return character === "?" ? "." : character.replace(/[\\^$.+()[\]{}|/]/, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "su");
}

import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { LookUpError } from "../../host/inventory/look-up-error.ts";
import { oneNamed } from "../../host/inventory/one-of.ts";
import { readVms } from "../../host/inventory/vms.ts";
import { type NamedPool, poolsCalled } from "../../host/pool/pool-paths.ts";
import { placeOf, reasonOf } from "../../host/vm/reading/unreadable-vm.ts";
import { name, oneOf, unknownSetting } from "../inputs/setting-forms.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";
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
  async read(host, { namePattern = "*", powerState, resourcePool }, progress) {
    const { vms, unreadable, resourcePools } = await readVms(host);
    const pool = resourcePool === undefined ? undefined : onePool(host, resourcePools, resourcePool);
    const pattern = regExpOf(namePattern);
    const found = vms.filter(
      (vm) =>
        pattern.test(vm.name) &&
        (powerState === undefined || vm.powerState === powerState) &&
        (pool === undefined || vm.poolMoid === pool.ref.value),
    );
    for (const vm of unreadable) {
      progress.warn(
        `getVms leaves out "${vm.name}" (${placeOf(vm)}), because ${host.name} cannot read it now: ${reasonOf(vm)}. It is not gone.`,
      );
    }
    const facts = await host.facts();
    return { result: found.map((vm) => foundVm(vm, facts)) };
  },
});

/** @throws LookUpError if no pool has the name or path, or several have it. */
function onePool(host: EsxiHost, pools: readonly NamedPool[], called: string): NamedPool {
  const [pool, another] = poolsCalled(pools, called);
  if (pool && another) {
    const paths = poolsCalled(pools, called).map(({ path }) => `"${path}"`);
    throw new LookUpError(
      `${host.name} has several resource pools "${called}". Give the path of one: ${paths.join(" or ")}.`,
    );
  }
  return pool ?? oneNamed(host, pools, called, "resource pool");
}

/** `*` stands for any characters, `?` for one. */
function regExpOf(pattern: string): RegExp {
  const parts = [...pattern].map((character) => {
    if (character === "*") return ".*";
    return character === "?" ? "." : character.replace(/[\\^$.+()[\]{}|/]/, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "su");
}

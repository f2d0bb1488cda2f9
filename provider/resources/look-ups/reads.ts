/** The look-ups in the dynamic-provider process: what each takes, and how a host answers it. */
import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { readDatastores } from "../../host/inventory/datastores.ts";
import { findVm } from "../../host/inventory/find-vm.ts";
import { readHostDetails } from "../../host/inventory/host-details.ts";
import { LookUpError } from "../../host/inventory/look-up-error.ts";
import { readNetworks } from "../../host/inventory/networks.ts";
import { oneNamed } from "../../host/inventory/one-of.ts";
import type { VmKey } from "../../host/inventory/vm-by-key.ts";
import { readVms } from "../../host/inventory/vms.ts";
import { type NamedPool, poolsCalled } from "../../host/pool/pool-paths.ts";
import { placeOf, reasonOf } from "../../host/vm/reading/unreadable-vm.ts";
import { name, oneOf, unknownSetting } from "../inputs/setting-forms.ts";
import type { GetHostResult } from "./get-host.ts";
import { lookUpLifecycle } from "./look-up-lifecycle.ts";
import { foundVm } from "./vm-result.ts";

/** Answers {@link getDatastore}. */
export const getDatastore = lookUpLifecycle({
  name: "getDatastore",
  schema: v.strictObject({ name, host: v.optional(name) }, unknownSetting),
  async read(host, { name }) {
    return { result: oneNamed(host, await readDatastores(host), name, "datastore") };
  },
});

/** Answers {@link getHost}. */
export const getHost = lookUpLifecycle({
  name: "getHost",
  schema: v.strictObject({ host: v.optional(name) }, unknownSetting),
  async read(host) {
    const result: GetHostResult = { name: host.name, ...(await readHostDetails(host)) };
    return { id: result.hostUuid, result };
  },
});

/** Answers {@link getNetwork}. */
export const getNetwork = lookUpLifecycle({
  name: "getNetwork",
  schema: v.strictObject({ name, host: v.optional(name) }, unknownSetting),
  async read(host, { name }) {
    return { result: oneNamed(host, await readNetworks(host), name, "network") };
  },
});

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

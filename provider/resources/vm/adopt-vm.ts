import { isDeepStrictEqual } from "node:util";
import { datastoreOf } from "../../host/datastore-path.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import type { ObservedVm } from "../../host/observed-vm.ts";
import { CALLED, theOneCalled } from "../../host/the-one-called.ts";
import type { VmWishes } from "../../host/vm-config/facets.ts";
import { observeWishes } from "../../host/vm-config/wishes.ts";
import { withIdentity } from "../../host/vm-identity.ts";
import type { Context } from "../lifecycle.ts";
import { ADOPT_KEYS, type VmSettings } from "./vm-settings.ts";

/**
 * The machine that a resource is to take under its care. Nothing of it is touched, but that one without an instance UUID
 * gets one.
 *
 * @throws HostError if there is no such machine, or several, or it differs from what the program asks for.
 */
export async function adoptVm(
  host: EsxiHost,
  settings: VmSettings,
  wishes: VmWishes,
  { progress, signal }: Context,
): Promise<ObservedVm> {
  const vm = await find(host, settings.adopt ?? {});
  const differences = differencesOf(vm, settings, wishes);
  if (differences.length > 0) {
    throw new HostError(
      `${host.name}: "${vm.name}" (${vm.vmxPath}) is not what this resource asks for, so it is left alone. ` +
        `It differs in:\n${differences.map((line) => `  - ${line}`).join("\n")}\n` +
        "Make the program say what is there, run `pulumi up`, and change it afterwards.",
    );
  }
  const owner = vm.ownerMark?.urn;
  if (owner !== undefined) {
    progress.warn(
      `"${vm.name}" was made by the resource ${owner}. If that is still in a stack's state, two resources now ` +
        "have one machine: take it out there with `pulumi state delete`.",
    );
  }
  return withIdentity(host, vm, signal);
}

async function find(host: EsxiHost, by: NonNullable<VmSettings["adopt"]>): Promise<ObservedVm> {
  const all = await host.vms.inventory();
  const key = ADOPT_KEYS.find((each) => by[each] !== undefined) ?? "name";
  const what = `${CALLED[key]} "${by[key]}"`;
  return theOneCalled(host.name, all, [key, by[key] ?? ""], {
    none: (instead) =>
      new HostError(`${host.name} has no machine ${what} to adopt: ${instead}. Nothing was changed.`),
    several: (paths) =>
      new HostError(
        `${host.name} has ${paths.length} machines ${what}: ${paths.join(", ")}. ` +
          "Say which by adopt.vmxPath. Nothing was changed.",
      ),
  });
}

function differencesOf(vm: ObservedVm, settings: VmSettings, wishes: VmWishes): string[] {
  const datastore = datastoreOf(vm.vmxPath);
  const there = {
    name: vm.name,
    powerOn: settings.powerOn === "once" ? "once" : vm.powerState === "poweredOn",
    ...(settings.datastore !== undefined && { datastore }),
    ...observeWishes(vm, wishes),
  };
  const asked: Readonly<Record<string, unknown>> = { ...settings, ...wishes };
  return Object.entries(there).flatMap(([key, value]) => {
    const wanted = asked[key];
    if (isDeepStrictEqual(value, wanted)) return [];
    // Advanced settings may hold secrets.
    if (key === "extraConfig") return keysThatDiffer(value, wanted).map((name) => `extraConfig.${name}`);
    return [`${key}: the machine has ${JSON.stringify(value)}, the program says ${JSON.stringify(wanted)}`];
  });
}

function keysThatDiffer(there: unknown, wanted: unknown): string[] {
  const [before, after] = [new Map(Object.entries(there ?? {})), Object.entries(wanted ?? {})];
  return after.filter(([key, value]) => before.get(key) !== value).map(([key]) => key);
}

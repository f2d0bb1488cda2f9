import { isDeepStrictEqual } from "node:util";
import { datastoreOf } from "../../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { HostError } from "../../../host/host-error.ts";
import { CALLED, theOneCalled } from "../../../host/inventory/vm-by-key.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { withIdentity } from "../../../host/vm/reading/vm-identity.ts";
import type { HostVms } from "../../../host/vm/reading/vm-of-state.ts";
import type { VmWishes } from "../../../host/vm/settings/settings.ts";
import { observeWishes, wishesAmong } from "../../../host/vm/settings/wishes.ts";
import type { CheckFailure, Context, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { guestKeys } from "../settings/guest.ts";
import { ADOPT_KEYS } from "./adopt-keys.ts";

/**
 * Settings that a new machine gets by default. Of a machine that was there before, they are only compared if the
 * program names them.
 */
const OF_NEW_MACHINES = ["numCpus", "memory"] as const;

/**
 * The inputs of a machine that is adopted, or was. What a new machine gets by default is left to the host. Whether it
 * runs is left to the people who use it.
 *
 * @param inputs With the defaults of new machines.
 * @param news As the program gives them.
 * @param olds Inputs of the last run.
 */
export function withoutNewDefaults(inputs: Properties, news: Properties, olds: Properties): Properties {
  if (news.adopt === undefined && olds.__adopted !== true) return inputs;
  const unsaid: readonly string[] = OF_NEW_MACHINES.filter((key) => news[key] === undefined);
  const said = Object.entries(inputs).filter(([key]) => !unsaid.includes(key));
  return { ...Object.fromEntries(said), powerOn: news.powerOn ?? "once", __adopted: true };
}

/** The settings without what the schema gives new machines, for a machine that was adopted. */
export function asSaid<T extends Properties>(settings: T, inputs: Properties): T {
  if (inputs.__adopted !== true) return settings;
  const unsaid = OF_NEW_MACHINES.filter((key) => inputs[key] === undefined);
  return { ...settings, ...Object.fromEntries(unsaid.map((key) => [key, undefined])) };
}

/**
 * Why a new resource cannot adopt its machine, for a preview: there is none, or it differs. What the preview does not
 * know yet is not compared.
 *
 * @param inputs As the check leaves them.
 * @param olds Inputs of the last run. A resource that exists adopts nothing.
 */
export async function adoptionFailures(
  inputs: Properties,
  olds: Properties,
  context: Context,
): Promise<CheckFailure[]> {
  const { adopt, host: name } = inputs;
  if (context.checkHost === false) return [];
  if (Object.keys(olds).length > 0 || adopt === undefined || isUnknown(adopt) || isUnknown(name)) return [];
  const known = Object.fromEntries(Object.entries(inputs).filter(([, value]) => !isUnknown(value)));
  try {
    const host = context.host(typeof name === "string" ? name : undefined);
    const before = await host.vms.overview().inventory();
    try {
      findAsAsked(host, known, before);
    } catch {
      // The look of a moment ago serves many, and what it did not see may be there now.
      findAsAsked(host, known, await host.vms.inventory());
    }
    return [];
  } catch (error) {
    context.signal.throwIfAborted();
    // Whatever else is wrong with the host is told where it is needed.
    if (!(error instanceof HostError)) return [];
    return [{ property: "adopt", reason: error.message }];
  }
}

/**
 * The machine that a resource is to adopt. Nothing on it is changed, with one exception: a machine without an
 * instance UUID gets one.
 *
 * @param settings Only what the program says.
 * @throws HostError if there is no such machine, or several, or it differs from what the program asks for.
 */
export async function adoptVm(
  host: EsxiHost,
  settings: Properties,
  { progress, signal }: Context,
): Promise<ObservedVm> {
  const vm = findAsAsked(host, settings, await host.vms.inventory());
  const owner = vm.ownerMark?.urn;
  if (owner !== undefined) {
    progress.warn(
      `"${vm.name}" was made by the resource ${owner}. If that is still in a stack's state, two resources now ` +
        "have one machine: take it out there with `pulumi state delete`.",
    );
  }
  return withIdentity(host, vm, signal);
}

function findAsAsked(host: EsxiHost, settings: Properties, all: HostVms): ObservedVm {
  const vm = find(host, fieldsOf(settings.adopt), all);
  const wishes = {
    ...wishesAmong(settings),
    extraConfig: { ...guestKeys(settings), ...fieldsOf(settings.extraConfig) },
  };
  const differences = differencesOf(vm, settings, wishes);
  if (differences.length === 0) return vm;
  throw new HostError(
    `${host.name}: "${vm.name}" (${vm.vmxPath}) is not what this resource asks for, so it is left alone. ` +
      `It differs in:\n${differences.map((line) => `  - ${line}`).join("\n")}\n` +
      "Make the program say what is there, or say nothing of it, run `pulumi up`, and change it afterwards.",
  );
}

function find(host: EsxiHost, by: Properties, all: HostVms): ObservedVm {
  const key = ADOPT_KEYS.find((each) => by[each] !== undefined) ?? "name";
  const value = String(by[key] ?? "");
  const what = `${CALLED[key]} "${value}"`;
  return theOneCalled(host.name, all, [key, value], {
    none: (instead) =>
      new HostError(`${host.name} has no machine ${what} to adopt: ${instead}. Nothing was changed.`),
    several: (paths) =>
      new HostError(
        `${host.name} has ${paths.length} machines ${what}: ${paths.join(", ")}. ` +
          "Say which by adopt.vmxPath. Nothing was changed.",
      ),
  });
}

function differencesOf(vm: ObservedVm, settings: Properties, wishes: VmWishes): string[] {
  const datastore = datastoreOf(vm.vmxPath);
  const there = {
    name: vm.name,
    powerOn: settings.powerOn === "once" ? "once" : vm.powerState === "poweredOn",
    ...(settings.datastore !== undefined && { datastore }),
    ...observeWishes(vm, wishes),
  };
  const asked: Properties = { ...settings, ...wishes };
  return Object.entries(there).flatMap(([key, value]) => {
    const wanted = asked[key];
    if (wanted === undefined) return [];
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

const fieldsOf = (value: unknown): Record<string, string> =>
  typeof value === "object" && value !== null ? { ...value } : {};

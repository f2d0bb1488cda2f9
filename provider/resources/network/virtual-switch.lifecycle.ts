import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import type { MarkState } from "../../host/marks/mark.ts";
import { namesSecurity } from "../../host/network/network-policy.ts";
import {
  addVirtualSwitch,
  findVirtualSwitch,
  type ObservedVirtualSwitch,
  removeVirtualSwitch,
  updateVirtualSwitch,
  type VirtualSwitchState,
} from "../../host/network/virtual-switches.ts";
import { NO_COMMAND } from "../../host/network/virtual-switches-by-shell.ts";
import type { Found } from "../frame/adopt.ts";
import { hostResource, hostResourceEntries, type Job } from "../frame/host-resource.ts";
import type { CheckFailure, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { gone } from "../frame/own-host.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { changedSettings } from "../inputs/setting-diff.ts";
import { oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../inputs/setting-forms.ts";
import { making, needing } from "../preview/wanted-names.ts";
import type { Ability } from "../preview/wants.ts";
import { isSameState, MarkedThing } from "../take-back/marked-thing.ts";
import { ownOrAdopted } from "../take-back/own-or-adopted.ts";
import { virtualSwitchThing } from "../take-back/things.ts";
import {
  adapters,
  namesOf,
  POLICY_KEYS,
  policyAbilities,
  policyEntries,
  policyRules,
  teamingPolicy,
} from "./network-policy.ts";

const USUAL_MTU = 1500;

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    ...policyEntries,
    allowPromiscuous: v.optional(yesOrNo, false),
    teamingPolicy: v.optional(teamingPolicy, "loadbalance_srcid"),
    standbyNics: v.optional(adapters, []),
    notifySwitches: v.optional(yesOrNo, true),
    failback: v.optional(yesOrNo, true),
    checkBeacon: v.optional(yesOrNo, false),
    shapingEnabled: v.optional(yesOrNo, false),
    name: v.pipe(text, v.nonEmpty("must not be empty"), v.maxLength(31, "must have at most 31 characters")),
    networkAdapters: v.optional(adapters, []),
    numPorts: v.optional(wholeNumber(1, 4088, "ports"), 128),
    mtu: v.optional(wholeNumber(1280, 9000, "bytes"), USUAL_MTU),
    beaconInterval: v.optional(wholeNumber(1, 3600, "seconds"), 1),
    linkDiscoveryProtocol: v.optional(oneOf(["cdp", "lldp"]), "cdp"),
    linkDiscoveryOperation: v.optional(oneOf(["listen", "advertise", "both", "none"]), "listen"),
    adopt: v.optional(yesOrNo),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** Settings that only a vSwitch with uplinks has. */
const OF_UPLINKS = ["beaconInterval", "linkDiscoveryProtocol", "linkDiscoveryOperation"] as const;
const IN_PLACE = ["networkAdapters", "numPorts", "mtu", ...POLICY_KEYS, ...OF_UPLINKS];
const RULES = {
  shown: ["name", "teamingPolicy", "networkAdapters", "activeNics", "standbyNics", ...OF_UPLINKS],
};

/** The lifecycle of {@link VirtualSwitch}, in the dynamic-provider process. */
export const virtualSwitch: Lifecycle = hostResource({
  what,
  schema,
  outputs: ["key"],
  replacing: ["name"],
  inPlace: IN_PLACE,
  rules: RULES,

  check: async (inputs) => ({
    inputs: { activeNics: inputs.activeNics ?? allActive(inputs) },
    failures: [...policyRules(inputs), ...uplinkRules(inputs)],
  }),

  wants: ({ name, networkAdapters, adopt, ...settings }) => ({
    needs: namesOf(networkAdapters).flatMap((adapter) =>
      needing("network adapter", "networkAdapters", adapter),
    ),
    makes: making("vSwitch", "name", name),
    adopts: adopt === true,
    abilities: [...policyAbilities(settings), ...apiOnly({ ...settings, networkAdapters })],
  }),

  align: sameUplinks,

  async finds(settings, { host }) {
    const there = await findVirtualSwitch(host, String(settings.name));
    return there && { found: foundAs(there, settings), wanted: settings };
  },

  async create(settings, job) {
    const { host, context, exists } = job;
    const marked = markedBy(job, settings.name);
    const there = await findVirtualSwitch(host, settings.name);
    if (there) {
      const found = foundAs(there, settings);
      const bearing = await marked.bearing({
        isAsLeft: (state) => isSameState(state, there.state),
        isAsMeant: (state) => isAsMeant(there, state),
      });
      if ((await ownOrAdopted(job, settings, found, bearing, [])) === "adopted") {
        await marked.remove();
        return { id: settings.name, outs: found.now };
      }
      exists(settings.name, {});
      return { id: settings.name, outs: await asWished(settings, job) };
    }
    context.progress.status("adding the vSwitch");
    const wish = wishOf(settings);
    await marked.making({ ...wish }, () => addVirtualSwitch(host, wish, context.signal));
    exists(settings.name, {});
    // The host chooses the security settings that the program leaves out, and only now they are known. The rest needs a
    // second call.
    if (!namesSecurity(settings)) return { id: settings.name, outs: await asWished(settings, job) };
    const made = await need(host, settings.name);
    await marked.made({ ...made.state });
    return { id: settings.name, outs: sameUplinks(outputsOf(made, settings), settings) };
  },

  async read(id, props, { host }) {
    const now = await findVirtualSwitch(host, id);
    return now && sameUplinks(outputsOf(now, props), props);
  },

  update: (id, _olds, settings, job) => asWished({ ...settings, name: id }, job),

  delete: (id, _props, job) =>
    removeVirtualSwitch(job.host, id, job.context.signal, () => markedBy(job, id).remove()),
});

const foundAs = (there: ObservedVirtualSwitch, settings: Properties): Found => ({
  what: `the vSwitch "${there.state.name}"`,
  now: sameUplinks(outputsOf(there, settings), settings),
  keys: IN_PLACE,
  rules: RULES,
});

const markedBy = (job: Job, name: string) => new MarkedThing(job, virtualSwitchThing(name));

/**
 * True if it is as desired without its policy, which a new one gets with a second call. Over SSH it gets its uplinks
 * and its MTU later, too.
 */
function isAsMeant(there: ObservedVirtualSwitch, meant: MarkState): boolean {
  const now = sameUplinks(outputsOf(there, meant), meant);
  const { networkAdapters, mtu } = there.state;
  const isOnTheWay = (key: string) =>
    (key === "mtu" && mtu === USUAL_MTU) ||
    (key === "networkAdapters" &&
      networkAdapters.every((one) => namesOf(meant.networkAdapters).includes(one)));
  return changedSettings(["networkAdapters", "numPorts", "mtu"], now, meant, RULES).every(isOnTheWay);
}

/** Settings for which the host's shell has no command. */
function apiOnly(inputs: Properties): Ability[] {
  const { numPorts, beaconInterval, linkDiscoveryProtocol, networkAdapters, activeNics, standbyNics } =
    inputs;
  const ability = (property: keyof typeof NO_COMMAND, value: unknown, ofNew: boolean): Ability => ({
    ...{ kind: "api", property, value, why: NO_COMMAND[property], ofNew },
  });
  const ports = ability("numPorts", numPorts, true);
  if (isUnknown(networkAdapters) || namesOf(networkAdapters).length === 0) return [ports];
  const lists = [activeNics, standbyNics];
  const isUnused = !lists.some((list) => isUnknown(list) || namesOf(list).length > 0);
  return [
    ports,
    // A new one has these values by default.
    ability("beaconInterval", beaconInterval, beaconInterval === 1),
    ability("linkDiscoveryProtocol", linkDiscoveryProtocol, linkDiscoveryProtocol === "cdp"),
    ...(isUnused ? [ability("activeNics", activeNics, false)] : []),
  ];
}

/** All uplinks that are not on standby. Undefined in a preview that does not know them. */
function allActive({ networkAdapters, standbyNics }: Properties): string[] | undefined {
  if (isUnknown(networkAdapters) || isUnknown(standbyNics)) return undefined;
  const standby = namesOf(standbyNics);
  return namesOf(networkAdapters).filter((one) => !standby.includes(one));
}

function uplinkRules({ networkAdapters, activeNics, standbyNics, checkBeacon }: Properties): CheckFailure[] {
  if (isUnknown(networkAdapters)) return [];
  const uplinks = namesOf(networkAdapters);
  const failures: CheckFailure[] = [];
  const twice = uplinks.find((one, index) => uplinks.indexOf(one) !== index);
  if (twice !== undefined) failures.push({ property: "networkAdapters", reason: `names ${twice} twice` });
  for (const [property, nics] of Object.entries({ activeNics, standbyNics })) {
    const stranger = namesOf(nics).find((one) => !uplinks.includes(one));
    if (stranger !== undefined)
      failures.push({ property, reason: `names ${stranger}, which is not in networkAdapters` });
  }
  if (checkBeacon === true && uplinks.length === 0)
    failures.push({ property: "checkBeacon", reason: "needs networkAdapters to send beacons through" });
  return failures;
}

function what({ name }: Properties): string {
  return `The vSwitch "${String(name)}"`;
}

/**
 * Changes what differs, marks the vSwitch, and returns what the host has then. It is marked even if nothing differs,
 * because a killed run may have changed it already.
 * @throws HostError if the host does not have it.
 */
async function asWished(settings: Settings, job: Job): Promise<Properties> {
  const { host, context } = job;
  const marked = markedBy(job, settings.name);
  const there = await need(host, settings.name);
  const now = sameUplinks(outputsOf(there, settings), settings);
  if (changedSettings(IN_PLACE, now, settings, RULES).length === 0) {
    await marked.made({ ...there.state });
    return now;
  }
  const wish = wishOf(settings);
  await marked.making({ ...wish }, () => updateVirtualSwitch(host, wish, context.signal));
  const after = await need(host, settings.name);
  await marked.made({ ...after.state });
  return sameUplinks(outputsOf(after, settings), settings);
}

/** @throws HostError if the host does not have it. */
async function need(host: EsxiHost, name: string): Promise<ObservedVirtualSwitch> {
  const now = await findVirtualSwitch(host, name);
  if (now) return now;
  throw gone(host, what({ name }));
}

function wishOf(settings: Settings): VirtualSwitchState {
  const { host, timeouts, adopt, ...wish } = settings;
  return wish;
}

/** Without uplinks the host keeps none of their settings. Then they count as the program has them. */
function outputsOf({ key, state }: ObservedVirtualSwitch, settings: Properties): Properties {
  const absent = state.networkAdapters.length === 0;
  const ofUplinks = absent ? Object.fromEntries(OF_UPLINKS.map((one) => [one, settings[one]])) : {};
  return {
    ...state,
    key,
    activeNics: state.activeNics ?? [],
    standbyNics: state.standbyNics ?? [],
    ...ofUplinks,
  };
}

/** Uplinks in another order are the same uplinks. */
function sameUplinks(olds: Properties, news: Properties): Properties {
  const [before, after] = [namesOf(olds.networkAdapters), namesOf(news.networkAdapters)];
  const same = before.length === after.length && before.every((one) => after.includes(one));
  return same ? { ...olds, networkAdapters: after } : olds;
}

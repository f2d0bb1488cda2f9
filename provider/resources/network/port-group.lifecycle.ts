import * as v from "valibot";
import type { EsxiHost } from "../../host/esxi-host.ts";
import type { MarkState } from "../../host/marks/mark.ts";
import { withSecurityOf } from "../../host/network/network-policy.ts";
import {
  addPortGroup,
  findPortGroup,
  type ObservedPortGroup,
  type PortGroupState,
  portGroupUsers,
  removePortGroup,
  updatePortGroup,
} from "../../host/network/port-groups.ts";
import type { Found } from "../frame/adopt.ts";
import { hostResource, hostResourceEntries, type Job } from "../frame/host-resource.ts";
import type { Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { gone, text } from "../frame/own-host.ts";
import { changedSettings } from "../inputs/setting-diff.ts";
import { entityName, name, unknownSetting, wholeNumber, yesOrNo } from "../inputs/setting-forms.ts";
import { making, needing } from "../preview/wanted-names.ts";
import { isSameState, MarkedThing } from "../take-back/marked-thing.ts";
import { ownOrAdopted } from "../take-back/own-or-adopted.ts";
import { portGroupThing } from "../take-back/things.ts";
import { POLICY_KEYS, policyAbilities, policyEntries, policyRules } from "./network-policy.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    ...policyEntries,
    name: entityName,
    virtualSwitch: name,
    vlanId: v.optional(wholeNumber(0, 4095, ""), 0),
    adopt: v.optional(yesOrNo),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

const IN_PLACE = ["vlanId", ...POLICY_KEYS];
const ALL = ["virtualSwitch", ...IN_PLACE];
const SECURITY = ["allowPromiscuous", "allowMacChanges", "allowForgedTransmits"] as const;
const RULES = {
  withDefault: POLICY_KEYS,
  shown: ["name", "virtualSwitch", "teamingPolicy", "activeNics", "standbyNics"],
};

const lifecycle: Lifecycle = hostResource({
  what,
  schema,
  outputs: ["key"],
  replacing: ["name", "virtualSwitch"],
  inPlace: IN_PLACE,
  rules: RULES,

  check: async (inputs) => ({ failures: policyRules(inputs) }),

  wants: ({ name, virtualSwitch, adopt, ...policy }) => ({
    needs: needing("vSwitch", "virtualSwitch", virtualSwitch),
    makes: making("port group", "name", name),
    adopts: adopt === true,
    abilities: policyAbilities(policy),
  }),

  async finds(settings, { host }) {
    const there = await findPortGroup(host, String(settings.name));
    return there && { found: foundAs(there, settings), wanted: settings };
  },

  async create(settings, job) {
    const { host, context, exists } = job;
    const marked = markedBy(job, settings.name);
    const there = await findPortGroup(host, settings.name);
    if (there) {
      const found = foundAs(there, settings);
      const bearing = await marked.bearing({
        isAsLeft: (state) => isSameState(state, there.state),
        isAsMeant: (state) => isOnTheWay(there, state),
      });
      if ((await ownOrAdopted(job, settings, found, bearing, ["virtualSwitch"])) === "adopted") {
        await marked.remove();
        return { id: settings.name, outs: found.now };
      }
      exists(settings.name, {});
      return { id: settings.name, outs: await asWished(settings.name, settings, job) };
    }
    context.progress.status("adding the port group");
    const wish = wishOf(settings);
    await marked.making({ ...wish }, () => addPortGroup(host, wish, context.signal));
    exists(settings.name, {});
    const made = await need(host, settings.name);
    await marked.made({ ...made.state });
    return { id: settings.name, outs: outputsOf(made, settings) };
  },

  async read(id, props, { host }) {
    const now = await findPortGroup(host, id);
    return now && outputsOf(now, props);
  },

  update: (id, _olds, settings, job) => asWished(id, settings, job),

  delete: (id, _props, job) =>
    removePortGroup(job.host, id, job.context.signal, () => markedBy(job, id).remove()),
});

/** The lifecycle of {@link PortGroup}, in the dynamic-provider process. */
export const portGroup: Lifecycle = {
  ...lifecycle,

  async diff(id, olds, news, context) {
    const result = await lifecycle.diff(id, olds, news, context);
    if (result.replaces.length > 0 && !context.isRefresh) await warnOfUsers(id, olds, context);
    return result;
  },
};

/**
 * A replacement removes the old port group first, and one that is in use is never removed. The preview says so, and
 * what to do.
 */
async function warnOfUsers(name: string, olds: Properties, context: Context): Promise<void> {
  if (context.checkHost === false) return;
  // A host that cannot be asked now is reported where it is needed.
  const users = await Promise.resolve()
    .then(() => portGroupUsers(context.host(text(olds.host)), name))
    .catch(() => []);
  if (users.length === 0) return;
  context.progress.warn(
    `a port group gets another name or vSwitch by a replacement, but "${name}" cannot be removed, ` +
      `because it is used by ${users.join(", ")}. Make the new port group as a resource of its own beside this one, move ` +
      "them to it, and run `pulumi up`. Then take this one out of the program",
  );
}

const foundAs = (there: ObservedPortGroup, settings: Properties): Found => ({
  what: `the port group "${there.state.name}"`,
  now: outputsOf(there, settings),
  keys: ALL,
  rules: RULES,
});

/**
 * True if each setting is either as desired or as in a new port group. Over SSH it gets its settings one after the
 * other.
 */
function isOnTheWay(there: ObservedPortGroup, meant: MarkState): boolean {
  const now = outputsOf(there, meant);
  const isNew = (key: string) => (key === "vlanId" ? now[key] === 0 : now[key] === undefined);
  return changedSettings(ALL, now, meant, RULES).every((key) => key !== "virtualSwitch" && isNew(key));
}

const markedBy = (job: Job, name: string) => new MarkedThing(job, portGroupThing(name));

/** Changes what differs, and marks the port group. A killed run may have changed it already. */
async function asWished(name: string, settings: Settings, job: Job): Promise<Properties> {
  const { host, context } = job;
  const marked = markedBy(job, name);
  const there = await need(host, name);
  const now = outputsOf(there, settings);
  const whole = { ...withSecurityOf(settings, there.vSwitch) };
  const same = changedSettings(SECURITY, { ...there.state }, whole, { withDefault: SECURITY }).length === 0;
  if (same && changedSettings(IN_PLACE, now, settings, RULES).length === 0) {
    await marked.made({ ...there.state });
    return now;
  }
  const wish = wishOf(settings);
  await marked.making({ ...wish }, () => updatePortGroup(host, wish, context.signal));
  const after = await need(host, name);
  await marked.made({ ...after.state });
  return outputsOf(after, settings);
}

function what({ name }: Properties): string {
  return `The port group "${String(name)}"`;
}

/** @throws HostError if the host does not have it. */
async function need(host: EsxiHost, name: string): Promise<ObservedPortGroup> {
  const now = await findPortGroup(host, name);
  if (now) return now;
  throw gone(host, what({ name }));
}

function wishOf(settings: Settings): PortGroupState {
  const { host, timeouts, adopt, ...wish } = settings;
  return wish;
}

/**
 * The host has whole lists where the program names only a part: the rest of an order of uplinks is empty, and the rest
 * of the security settings is the vSwitch's.
 */
function outputsOf({ key, state, vSwitch }: ObservedPortGroup, settings: Properties): Properties {
  const { activeNics, standbyNics } = settings;
  const named = (mine: unknown, now: readonly string[] | undefined) =>
    mine === undefined && now?.length === 0 ? undefined : now;
  const namesSome = SECURITY.some((one) => settings[one] !== undefined);
  const unnamed = SECURITY.filter(
    (one) => settings[one] === undefined && state[one] === (vSwitch[one] ?? false),
  );
  return {
    ...state,
    ...(namesSome && Object.fromEntries(unnamed.map((one) => [one, undefined]))),
    key,
    activeNics: named(activeNics, state.activeNics),
    standbyNics: named(standbyNics, state.standbyNics),
  };
}

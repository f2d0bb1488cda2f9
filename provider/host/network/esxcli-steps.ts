import { isDeepStrictEqual } from "node:util";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { SshError } from "../../ssh/ssh-error.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { confirmed } from "../shell/confirmed.ts";
import type { NetworkPolicy } from "./network-policy.ts";
import { type Networking, readNetworking } from "./networking.ts";

/** One command of `esxcli network vswitch standard` on the way to the desired state. */
export interface Step {
  /** As it stands in a message: `give the port group "lab" its VLAN`. */
  readonly what: string;
  /** The words behind `network vswitch standard`. */
  readonly words: readonly string[];
  /** Whether the host already has what the command makes. */
  isDone(now: Networking): boolean;
  /** For a step that may need more than one command: runs the rest of it. */
  finish?(host: EsxiHost, shell: EsxiShell, signal: AbortSignal): Promise<void>;
}

/** Runs the steps that are left. Each command waits until the API shows the result of the one before. */
export async function takeSteps(
  host: EsxiHost,
  shell: EsxiShell,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    signal.throwIfAborted();
    if (step.isDone(await readNetworking(host))) continue;
    if (step.finish) await step.finish(host, shell, signal);
    else await takeStep(host, shell, step, signal);
  }
}

/** @param makes As of {@link confirmed}. */
async function takeStep(
  host: EsxiHost,
  shell: EsxiShell,
  step: Step,
  signal: AbortSignal,
  makes = false,
): Promise<void> {
  await confirmed(host, {
    what: step.what,
    write: (limit) => shell.esxcli(["network", "vswitch", "standard", ...step.words], limit),
    look: async () => step.isDone(await readNetworking(host)) || undefined,
    makes,
    signal,
  });
}

/** The port group or vSwitch that has the policy. */
interface Bearer {
  readonly kind: "port group" | "vSwitch";
  readonly name: string;
  /** What the host has now: the policy of the port group or vSwitch itself, and that of the vSwitch. */
  seen(now: Networking): { readonly own: NetworkPolicy; readonly vSwitch: NetworkPolicy };
}

const BALANCING: Readonly<Record<string, string>> = {
  loadbalance_srcid: "portid",
  loadbalance_srcmac: "mac",
  loadbalance_ip: "iphash",
  failover_explicit: "explicit",
};

const SECURITY = ["allowPromiscuous", "allowMacChanges", "allowForgedTransmits"] as const;
const FAILOVER = [
  ...["teamingPolicy", "activeNics", "standbyNics", "notifySwitches", "failback", "checkBeacon"],
] as readonly (keyof NetworkPolicy)[];
const RATES = ["shapingEnabled", "shapingAverageBandwidth", "shapingPeakBandwidth"] as const;
const SHAPING = [...RATES, "shapingBurstSize"] as const;

/** Bits per second of the unit of bandwidths. */
const KILOBIT = 1000;
/** Bytes in the unit in which hosts may take a burst. VMware's manual says 1024 bits, but no other source does. */
const BURST_UNITS = [128, 1024] as const;
const BURST_STEP = 1024;

/**
 * The commands that give a port group or vSwitch a whole policy. A port group takes from its vSwitch what the wish
 * leaves out.
 */
export function policySteps(bearer: Bearer, wish: NetworkPolicy): Step[] {
  const steps: Step[] = [];
  const add = (part: string, keys: readonly (keyof NetworkPolicy)[], options: readonly string[]) => {
    if (options.length === 0 && bearer.kind === "vSwitch") return;
    steps.push({
      what: `set the ${part} policy of the ${bearer.kind} "${bearer.name}"`,
      words: wordsOf(bearer, part, options),
      isDone: (now) => isAsWished(bearer, keys, wish, now),
    });
  };
  add("security", SECURITY, [
    ...option("allow-promiscuous", wish.allowPromiscuous),
    ...option("allow-mac-change", wish.allowMacChanges),
    ...option("allow-forged-transmits", wish.allowForgedTransmits),
  ]);
  const detection = wish.checkBeacon ? "beacon" : "link";
  add("failover", FAILOVER, [
    ...option("load-balancing", wish.teamingPolicy && BALANCING[wish.teamingPolicy]),
    ...option("active-uplinks", wish.activeNics?.join(",") || undefined),
    ...option("standby-uplinks", wish.standbyNics?.join(",") || undefined),
    ...option("notify-switches", wish.notifySwitches),
    ...option("failback", wish.failback),
    ...option("failure-detection", wish.checkBeacon === undefined ? undefined : detection),
  ]);
  return [...steps, shapingStep(bearer, wish)];
}

function shapingStep(bearer: Bearer, wish: NetworkPolicy): Step {
  const what = `set the shaping policy of the ${bearer.kind} "${bearer.name}"`;
  const { shapingBurstSize: size } = wish;
  const words = (burst: number | undefined) =>
    wordsOf(bearer, "shaping", [
      ...option("enabled", wish.shapingEnabled),
      ...option("avg-bandwidth", inUnits(wish.shapingAverageBandwidth, KILOBIT)),
      ...option("peak-bandwidth", inUnits(wish.shapingPeakBandwidth, KILOBIT)),
      ...option("burst-size", burst),
    ]);
  const [unit] = BURST_UNITS;
  const isDone = (now: Networking) => isAsWished(bearer, SHAPING, wish, now);
  const first = { what, words: words(inUnits(size, unit)), isDone };
  if (size === undefined) return first;
  /** The unit in which the host has taken the burst. Undefined until the host shows the change. */
  const unitTaken = (now: Networking) =>
    isAsWished(bearer, RATES, wish, now)
      ? BURST_UNITS.find((one) => bearer.seen(now).own.shapingBurstSize === (size / unit) * one)
      : undefined;
  return {
    ...first,
    finish: async (host, shell, signal) => {
      const taken = await confirmed(host, {
        what,
        write: (limit) => shell.esxcli(["network", "vswitch", "standard", ...first.words], limit),
        look: async () => unitTaken(await readNetworking(host)),
        signal,
      });
      if (taken !== unit)
        await takeStep(host, shell, { what, words: words(inUnits(size, taken)), isDone }, signal);
    },
  };
}

/** `-u` makes a port group inherit this part of its vSwitch's policy. Hosts read it before the rest of the command. */
function wordsOf({ kind, name }: Bearer, part: string, options: readonly string[]): string[] {
  return kind === "vSwitch"
    ? ["policy", part, "set", `--vswitch-name=${name}`, ...options]
    : ["portgroup", "policy", part, "set", "-u", `--portgroup-name=${name}`, ...options];
}

const option = (name: string, value: string | number | boolean | undefined): string[] =>
  value === undefined ? [] : [`--${name}=${value}`];

const inUnits = (value: number | undefined, unit: number) => (value === undefined ? undefined : value / unit);

function isAsWished(
  { kind, seen }: Bearer,
  keys: readonly (keyof NetworkPolicy)[],
  wish: NetworkPolicy,
  now: Networking,
): boolean {
  const { own, vSwitch } = seen(now);
  // Some hosts take one part of a policy as a whole, and fill in what the command does not name.
  const isNamed = keys.some((key) => named(wish[key]) !== undefined);
  return keys.every((key) => {
    const [wished, has] = [named(wish[key]), named(own[key])];
    if (wished !== undefined) return isDeepStrictEqual(has, wished);
    if (kind === "vSwitch" || has === undefined) return true;
    return isNamed && isDeepStrictEqual(has, named(vSwitch[key]));
  });
}

/** A list without names counts as no value. */
function named(value: NetworkPolicy[keyof NetworkPolicy]): unknown {
  if (!Array.isArray(value)) return value;
  return value.length === 0 ? undefined : [...value];
}

/** The first property of a policy that no command can set. Undefined if commands can set all. */
export function unsayable(
  wish: NetworkPolicy,
): { readonly property: keyof NetworkPolicy; readonly why: string } | undefined {
  const bandwidth = (["shapingAverageBandwidth", "shapingPeakBandwidth"] as const).find(
    (key) => (wish[key] ?? 0) % KILOBIT !== 0,
  );
  if (bandwidth) return { property: bandwidth, why: "esxcli takes whole thousands of bits per second only" };
  if ((wish.shapingBurstSize ?? 0) % BURST_STEP !== 0)
    return { property: "shapingBurstSize", why: `esxcli takes multiples of ${BURST_STEP} bytes only` };
  return undefined;
}

/** @throws HostError if no command can set a part of the policy. */
export function refuseUnsayable(host: EsxiHost, what: string, wish: NetworkPolicy): void {
  const problem = unsayable(wish);
  if (problem)
    throw new HostError(
      `${host.name}: ${what} cannot have that ${problem.property} over SSH: ${problem.why}. Nothing was changed.`,
    );
}

/**
 * Makes something in several steps. If a step fails, or the run is told to stop, removes it again.
 * @throws TakenError if somebody else has made one of that name. HostError if nothing is left of it. Otherwise the first
 * error.
 */
export async function makeWhole(
  host: EsxiHost,
  shell: EsxiShell,
  steps: { readonly first: Step; readonly rest: readonly Step[]; readonly undo: Step },
  signal: AbortSignal,
): Promise<void> {
  // Not `takeSteps`: if somebody else has made one of that name by now, it would count as ours.
  await takeStep(host, shell, steps.first, signal, true);
  try {
    await takeSteps(host, shell, steps.rest, signal);
  } catch (error) {
    if (!(error instanceof HostError) && !signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    await clearAway(signal, (limit) => takeSteps(host, shell, [steps.undo], limit)).catch(() => {
      throw new SshError(why, { cause: error });
    });
    throw error instanceof HostError ? error : new HostError(`${host.name}: ${why}`, { cause: error });
  }
}

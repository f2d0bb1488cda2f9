/** `esxcli network vswitch standard [portgroup] policy security|failover|shaping get|set`. */
import type {
  HostNetworkPolicy,
  HostNicTeamingPolicy,
  HostPortGroupSpec,
  HostVirtualSwitchSpec,
} from "../../../schema/index.ts";
import { inherit } from "../../network/policy.ts";
import { uplinksOf } from "../../network/switch-spec.ts";
import { invalidArgument, notFound } from "../../soap/fault.ts";
import type { ShellHost } from "../host-agent.ts";
import { type EsxcliCommand, NOTHING, type Options, type Table } from "./esxcli-table.ts";

/** The names for the ways of load balancing in `set` and in `get`. The two differ. */
const BALANCING = [
  { api: "loadbalance_srcid", set: "portid", get: "srcport" },
  { api: "loadbalance_srcmac", set: "mac", get: "srcmac" },
  { api: "loadbalance_ip", set: "iphash", get: "iphash" },
  { api: "failover_explicit", set: "explicit", get: "explicit" },
];

const KILOBIT = 1000;

/** The port group or vSwitch that has a policy. */
interface Bearer {
  /** Its own policy. */
  readonly own: HostNetworkPolicy;
  /** Its policy together with that of its vSwitch. */
  readonly whole: HostNetworkPolicy;
  readonly uplinks: readonly string[];
  readonly isPortGroup: boolean;
  set(policy: HostNetworkPolicy): unknown;
}

type Part = "security" | "failover" | "shaping";

export const policyCommands: Readonly<Record<string, EsxcliCommand>> = Object.fromEntries(
  (["security", "failover", "shaping"] as const).flatMap((part): [string, EsxcliCommand][] => [
    [`network vswitch standard policy ${part} get`, get(part, ofSwitch)],
    [`network vswitch standard policy ${part} set`, set(part, ofSwitch)],
    [`network vswitch standard portgroup policy ${part} get`, get(part, ofPortGroup)],
    [`network vswitch standard portgroup policy ${part} set`, set(part, ofPortGroup)],
  ]),
);

function get(part: Part, of: (host: ShellHost, options: Options) => Bearer): EsxcliCommand {
  return (host, options) => {
    const bearer = of(host, options);
    const rows = { security: securityRows, failover: failoverRows, shaping: shapingRows }[part](
      bearer,
      burstUnit(host),
    );
    return record(bearer.isPortGroup ? rows : rows.filter(([name]) => !name.startsWith("Override ")));
  };
}

function set(part: Part, of: (host: ShellHost, options: Options) => Bearer): EsxcliCommand {
  return async (host, options) => {
    const bearer = of(host, options);
    const changed = { security: withSecurity, failover: withFailover, shaping: withShaping }[part];
    await bearer.set(changed(bearer, options, burstUnit(host)));
    return NOTHING;
  };
}

function ofSwitch({ networking }: ShellHost, options: Options): Bearer {
  const name = options.get("v") ?? options.get("vswitch-name");
  const found = networking.switches.find((one) => one.name === name);
  if (found === undefined) throw notFound();
  const own = found.spec.policy ?? {};
  const change = (policy: HostNetworkPolicy): HostVirtualSwitchSpec => ({ ...found.spec, policy });
  return {
    own,
    whole: own,
    uplinks: uplinksOf(found.spec),
    isPortGroup: false,
    set: (policy) => networking.updateSwitch(found.name, change(policy)),
  };
}

/** With `-u` it begins without any own setting. */
function ofPortGroup({ networking }: ShellHost, options: Options): Bearer {
  const name = options.get("p") ?? options.get("portgroup-name");
  const found = networking.portGroups.find((one) => one.name === name);
  const vswitch = networking.switches.find((one) => one.name === found?.vswitchName)?.spec;
  if (found === undefined || vswitch === undefined) throw notFound();
  const change = (policy: HostNetworkPolicy): HostPortGroupSpec => ({ ...found, policy });
  return {
    own: found.policy,
    whole: inherit(found.policy, vswitch.policy ?? {}),
    uplinks: uplinksOf(vswitch),
    isPortGroup: true,
    set: (policy) => networking.updatePortGroup(found.name, change(policy)),
  };
}

const isReset = ({ isPortGroup }: Bearer, options: Options): boolean =>
  isPortGroup && (options.has("u") || options.has("use-vswitch"));

function withSecurity(bearer: Bearer, options: Options): HostNetworkPolicy {
  // For port groups, the letter of promiscuous mode means the port group's name.
  const promiscuous = yesOrNo(options, bearer.isPortGroup ? "o" : "p", "allow-promiscuous");
  const macChanges = yesOrNo(options, "m", "allow-mac-change");
  const forgedTransmits = yesOrNo(options, "f", "allow-forged-transmits");
  const named = [promiscuous, macChanges, forgedTransmits].some((one) => one !== undefined);
  const before = isReset(bearer, options) ? undefined : bearer.own.security;
  if (!named) return { ...bearer.own, security: before };
  const rest = before ?? bearer.whole.security;
  const security = {
    allowPromiscuous: promiscuous ?? rest?.allowPromiscuous,
    macChanges: macChanges ?? rest?.macChanges,
    forgedTransmits: forgedTransmits ?? rest?.forgedTransmits,
  };
  return { ...bearer.own, security };
}

function withFailover(bearer: Bearer, options: Options): HostNetworkPolicy {
  const before = isReset(bearer, options) ? {} : (bearer.own.nicTeaming ?? {});
  const teaming: { -readonly [K in keyof HostNicTeamingPolicy]: HostNicTeamingPolicy[K] } = { ...before };
  const balancing = options.get("l") ?? options.get("load-balancing");
  if (balancing !== undefined) {
    const known = BALANCING.find((one) => one.set === balancing);
    if (known === undefined) throw invalidArgument("load-balancing");
    teaming.policy = known.api;
  }
  const notify = yesOrNo(options, "n", "notify-switches");
  if (notify !== undefined) teaming.notifySwitches = notify;
  const failback = yesOrNo(options, "b", "failback");
  if (failback !== undefined) teaming.rollingOrder = !failback;
  const detection = options.get("f") ?? options.get("failure-detection");
  if (detection !== undefined) {
    if (!["link", "beacon"].includes(detection)) throw invalidArgument("failure-detection");
    teaming.failureCriteria = { ...before.failureCriteria, checkBeacon: detection === "beacon" };
  }
  const active = options.get("a") ?? options.get("active-uplinks");
  const standby = options.get("s") ?? options.get("standby-uplinks");
  // An uplink that is in neither list is not used any more.
  if (active !== undefined || standby !== undefined)
    teaming.nicOrder = { activeNic: names(active), standbyNic: names(standby) };
  return { ...bearer.own, nicTeaming: teaming };
}

function withShaping(bearer: Bearer, options: Options, burst: number): HostNetworkPolicy {
  const before = isReset(bearer, options) ? {} : (bearer.own.shapingPolicy ?? {});
  const named = {
    enabled: yesOrNo(options, "e", "enabled"),
    averageBandwidth: times(KILOBIT, options.get("b") ?? options.get("avg-bandwidth")),
    peakBandwidth: times(KILOBIT, options.get("k") ?? options.get("peak-bandwidth")),
    burstSize: times(burst, options.get("t") ?? options.get("burst-size")),
  };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return { ...bearer.own, shapingPolicy: { ...before, ...given } };
}

type Row = readonly [name: string, value: string | boolean];

const overrides = (names: readonly string[], isOwn: (index: number) => boolean): Row[] =>
  names.map((name, index) => [`Override Vswitch ${name}`, isOwn(index)]);

function securityRows({ own, whole }: Bearer): Row[] {
  const names = ["Allow Promiscuous", "Allow MAC Address Change", "Allow Forged Transmits"];
  const { allowPromiscuous, macChanges, forgedTransmits } = whole.security ?? {};
  const values = [allowPromiscuous, macChanges, forgedTransmits];
  return [
    ...names.map((name, index): Row => [name, values[index] ?? false]),
    ...overrides(names, () => own.security?.allowPromiscuous !== undefined),
  ];
}

function failoverRows({ own, whole, uplinks }: Bearer): Row[] {
  const {
    policy,
    notifySwitches = true,
    rollingOrder = false,
    failureCriteria,
    nicOrder,
  } = whole.nicTeaming ?? {};
  const [active, standby] = [nicOrder?.activeNic ?? [], nicOrder?.standbyNic ?? []];
  const unused = uplinks.filter((one) => !active.includes(one) && !standby.includes(one));
  const teaming = own.nicTeaming ?? {};
  const owned = [
    teaming.policy,
    teaming.failureCriteria,
    teaming.notifySwitches,
    teaming.rollingOrder,
    teaming.nicOrder,
  ];
  return [
    ["Load Balancing", BALANCING.find(({ api }) => api === policy)?.get ?? "srcport"],
    ["Network Failure Detection", failureCriteria?.checkBeacon ? "beacon" : "link"],
    ["Notify Switches", notifySwitches],
    ["Failback", !rollingOrder],
    ["Active Adapters", active.join(", ")],
    ["Standby Adapters", standby.join(", ")],
    ["Unused Adapters", unused.join(", ")],
    ...overrides(
      ["Load Balancing", "Network Failure Detection", "Notify Switches", "Failback", "Uplinks"],
      (index) => owned[index] !== undefined,
    ),
  ];
}

function shapingRows({ own, whole }: Bearer, burst: number): Row[] {
  const { enabled = false, averageBandwidth, peakBandwidth, burstSize } = whole.shapingPolicy ?? {};
  const inUnits = (value: number | undefined, unit: number) => (value === undefined ? -1 : value / unit);
  return [
    ["Enabled", enabled],
    ["Average Bandwidth", `${inUnits(averageBandwidth, KILOBIT)} Kbps`],
    ["Peak Bandwidth", `${inUnits(peakBandwidth, KILOBIT)} Kbps`],
    ["Burst Size", `${inUnits(burstSize, burst)} Kib`],
    ...overrides(["Shaping"], () => own.shapingPolicy?.enabled !== undefined),
  ];
}

/** Bytes in the unit of bursts. The manual says 1024 bits. */
const burstUnit = ({ options }: ShellHost): number => (options.behaviour.burstUnit === "bits" ? 128 : 1024);

function record(rows: readonly Row[]): Table {
  return { shape: "record", columns: rows.map(([name]) => name), rows: [rows.map(([, value]) => value)] };
}

/** @throws VimFault InvalidArgument */
function yesOrNo(options: Options, letter: string, name: string): boolean | undefined {
  const text = (options.get(letter) ?? options.get(name))?.toLowerCase();
  if (text === undefined) return undefined;
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off"].includes(text)) return false;
  throw invalidArgument(name);
}

function times(unit: number, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw invalidArgument("bandwidth");
  return value * unit;
}

const names = (list: string | undefined): string[] => (list ?? "").split(",").filter((one) => one !== "");

import type { HostVirtualSwitchBondBridge } from "../../../schema/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { makeWhole, policySteps, refuseUnsayable, type Step, takeSteps } from "./esxcli-steps.ts";
import { policyOf } from "./network-policy.ts";
import type { Networking } from "./networking.ts";
import { uplinksOf, type VirtualSwitchState, type VirtualSwitchWriter } from "./virtual-switch-state.ts";

/** What no command can set on a vSwitch: the property, and why, as the end of a sentence. */
export const NO_COMMAND = {
  numPorts: "the number of ports can only be given when the vSwitch is made",
  beaconInterval: "no command sets the interval of beacons",
  linkDiscoveryProtocol: "no command sets LLDP",
  activeNics: "no command can say that none of its uplinks is used",
} as const;

/** vSwitches by `esxcli`. A new one is removed again if a step fails. */
export const virtualSwitchesByShell = (host: EsxiHost, shell: EsxiShell): VirtualSwitchWriter => ({
  async add(wish, seen, signal) {
    refuse(host, wish, seen);
    const steps = { first: added(wish), rest: settingsOf(wish, seen), undo: removed(wish.name) };
    await makeWhole(host, shell, steps, signal);
  },
  async update(wish, seen, signal) {
    refuse(host, wish, seen);
    await takeSteps(host, shell, settingsOf(wish, seen), signal);
  },
  remove: (name, _seen, signal) => takeSteps(host, shell, [removed(name)], signal),
});

const specOf = ({ switches }: Networking, name: string) => switches.find((one) => one.name === name)?.spec;

const bridgeOf = (now: Networking, name: string) =>
  specOf(now, name)?.bridge as Partial<HostVirtualSwitchBondBridge> | undefined;

/** @throws HostError if no command can make this vSwitch. Nothing has been changed by then. */
function refuse(host: EsxiHost, wish: VirtualSwitchState, seen: Networking): void {
  const what = `the vSwitch "${wish.name}"`;
  refuseUnsayable(host, what, wish);
  const { beaconInterval, linkDiscoveryProtocol, networkAdapters, activeNics = [], standbyNics = [] } = wish;
  const bridge = bridgeOf(seen, wish.name);
  const now = specOf(seen, wish.name);
  const { beacon, linkDiscoveryProtocolConfig: discovery } = bridge ?? {};
  const has = networkAdapters.length > 0;
  const wrong: Record<keyof typeof NO_COMMAND, boolean> = {
    numPorts: now !== undefined && now.numPorts !== wish.numPorts,
    beaconInterval: has && (beaconInterval ?? 1) !== (beacon?.interval ?? 1),
    linkDiscoveryProtocol: has && (linkDiscoveryProtocol ?? "cdp") !== (discovery?.protocol ?? "cdp"),
    activeNics: has && activeNics.length + standbyNics.length === 0,
  };
  for (const [property, why] of Object.entries(NO_COMMAND)) {
    if (wrong[property as keyof typeof NO_COMMAND])
      throw new HostError(
        `${host.name}: ${what} cannot have that ${property} over SSH: ${why}. Nothing was changed.`,
      );
  }
}

const added = ({ name, numPorts }: VirtualSwitchState): Step => ({
  what: `add the vSwitch "${name}"`,
  words: ["add", `--vswitch-name=${name}`, `--ports=${numPorts}`],
  isDone: (now) => specOf(now, name) !== undefined,
});

const removed = (name: string): Step => ({
  what: `remove the vSwitch "${name}"`,
  words: ["remove", `--vswitch-name=${name}`],
  isDone: (now) => specOf(now, name) === undefined,
});

function settingsOf(wish: VirtualSwitchState, seen: Networking): Step[] {
  const { name, mtu, networkAdapters, linkDiscoveryOperation: operation } = wish;
  const has = (now: Networking) => uplinksOf(specOf(now, name) ?? { numPorts: 0 });
  const going = has(seen).filter((one) => !networkAdapters.includes(one));
  const uplink = (verb: "add" | "remove", device: string): Step => ({
    what: `${verb} the uplink ${device} of the vSwitch "${name}"`,
    words: ["uplink", verb, `--uplink-name=${device}`, `--vswitch-name=${name}`],
    isDone: (now) => has(now).includes(device) === (verb === "add"),
  });
  const set = (what: string, option: string, isDone: (now: Networking) => boolean): Step => ({
    what: `set the ${what} of the vSwitch "${name}"`,
    words: ["set", `--vswitch-name=${name}`, option],
    isDone,
  });
  const cdp = operation === "none" ? "down" : operation;
  return [
    ...networkAdapters.map((device) => uplink("add", device)),
    ...going.map((device) => uplink("remove", device)),
    ...(mtu === undefined ? [] : [set("MTU", `--mtu=${mtu}`, (now) => specOf(now, name)?.mtu === mtu)]),
    ...(operation === undefined || networkAdapters.length === 0
      ? []
      : [
          set(
            "link discovery",
            `--cdp-status=${cdp}`,
            (now) => bridgeOf(now, name)?.linkDiscoveryProtocolConfig?.operation === operation,
          ),
        ]),
    ...policySteps(
      {
        kind: "vSwitch",
        name,
        seen: (now) => ({ own: policyOf(specOf(now, name)?.policy), vSwitch: {} }),
      },
      wish,
    ),
  ];
}

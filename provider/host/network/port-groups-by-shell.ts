import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { makeWhole, policySteps, refuseUnsayable, type Step, takeSteps } from "./esxcli-steps.ts";
import { type NetworkPolicy, policyOf, withSecurityOf } from "./network-policy.ts";
import type { Networking } from "./networking.ts";
import type { PortGroupState, PortGroupWriter } from "./port-group-state.ts";

/** Port groups by `esxcli`. A new one is removed again if a step fails. */
export const portGroupsByShell = (host: EsxiHost, shell: EsxiShell): PortGroupWriter => {
  const what = (name: string) => `the port group "${name}"`;
  return {
    async add(wish, seen, signal) {
      refuseUnsayable(host, what(wish.name), wish);
      const undo = removed(wish.name, wish.virtualSwitch);
      const steps = { first: added(wish), rest: settingsOf(wish, seen), undo };
      await makeWhole(host, shell, steps, signal);
    },
    async update(wish, seen, signal) {
      refuseUnsayable(host, what(wish.name), wish);
      await takeSteps(host, shell, settingsOf(wish, seen), signal);
    },
    async remove(name, { portGroups }, signal) {
      const vSwitch = portGroups.find(({ spec }) => spec.name === name)?.spec.vswitchName;
      if (vSwitch !== undefined) await takeSteps(host, shell, [removed(name, vSwitch)], signal);
    },
  };
};

const specOf = ({ portGroups }: Networking, name: string) =>
  portGroups.find(({ spec }) => spec.name === name)?.spec;

const added = ({ name, virtualSwitch }: PortGroupState): Step => ({
  what: `add the port group "${name}" to the vSwitch "${virtualSwitch}"`,
  words: ["portgroup", "add", `--portgroup-name=${name}`, `--vswitch-name=${virtualSwitch}`],
  isDone: (now) => specOf(now, name) !== undefined,
});

const removed = (name: string, vSwitch: string): Step => ({
  what: `remove the port group "${name}"`,
  words: ["portgroup", "remove", `--portgroup-name=${name}`, `--vswitch-name=${vSwitch}`],
  isDone: (now) => specOf(now, name) === undefined,
});

function settingsOf(wish: PortGroupState, seen: Networking): Step[] {
  const { name, vlanId, virtualSwitch } = wish;
  const policyOfSwitch = ({ switches }: Networking): NetworkPolicy =>
    policyOf(switches.find((one) => one.name === virtualSwitch)?.spec.policy);
  const vlan: Step = {
    what: `give the port group "${name}" the VLAN ${vlanId}`,
    words: ["portgroup", "set", `--portgroup-name=${name}`, `--vlan-id=${vlanId}`],
    isDone: (now) => specOf(now, name)?.vlanId === vlanId,
  };
  const bearer = {
    kind: "port group",
    name,
    seen: (now: Networking) => ({ own: policyOf(specOf(now, name)?.policy), vSwitch: policyOfSwitch(now) }),
  } as const;
  return [vlan, ...policySteps(bearer, withSecurityOf(wish, policyOfSwitch(seen)))];
}

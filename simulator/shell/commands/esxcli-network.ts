/** `esxcli network vswitch standard …`: the host's vSwitches and port groups. */
import type {
  HostPortGroupSpec,
  HostVirtualSwitchBondBridge,
  HostVirtualSwitchSpec,
} from "../../../schema/index.ts";
import { uplinksOf } from "../../network/switch-spec.ts";
import { invalidArgument, notFound } from "../../soap/fault.ts";
import type { ShellHost } from "../host-agent.ts";
import { policyCommands } from "./esxcli-policy.ts";
import { type EsxcliCommand, NOTHING, type Options, type Table } from "./esxcli-table.ts";

const TOTAL_PORTS = 1536;

export const networkCommands: Readonly<Record<string, EsxcliCommand>> = {
  "network vswitch standard list": ({ networking }, options) => ({
    shape: "blocks",
    columns: ["Name", "Class", "Num Ports", "Configured Ports", "MTU", "Uplinks", "Portgroups"],
    rows: networking.switches
      .filter(({ name }) => name === (switchName(options) ?? name))
      .map(({ name, spec }) => [
        name,
        "cswitch",
        TOTAL_PORTS,
        spec.numPorts,
        spec.mtu ?? "",
        uplinksOf(spec).join(", "),
        networking.portGroups
          .filter((one) => one.vswitchName === name)
          .map((one) => one.name)
          .join(", "),
      ]),
  }),
  "network vswitch standard add": ({ networking }, options) => {
    const ports = options.get("P") ?? options.get("ports");
    networking.addSwitch(switchName(options) ?? "", { numPorts: Number(ports ?? 128) });
    return NOTHING;
  },
  "network vswitch standard remove": async ({ networking }, options) => {
    await networking.removeSwitch(switchName(options) ?? "");
    return NOTHING;
  },
  "network vswitch standard set": (host, options) =>
    changeSwitch(host, options, (spec) => ({
      ...spec,
      bridge: withCdp(spec, options.get("c") ?? options.get("cdp-status")),
      mtu: Number(options.get("m") ?? options.get("mtu") ?? spec.mtu),
    })),
  "network vswitch standard uplink add": (host, options) =>
    changeSwitch(host, options, (spec) => withUplinks(spec, [...uplinksOf(spec), uplink(options)])),
  "network vswitch standard uplink remove": (host, options) =>
    changeSwitch(host, options, (spec) => {
      if (!uplinksOf(spec).includes(uplink(options))) throw notFound();
      return withUplinks(
        spec,
        uplinksOf(spec).filter((one) => one !== uplink(options)),
      );
    }),
  "network vswitch standard portgroup list": ({ networking }) => ({
    shape: "list",
    columns: ["Name", "Virtual Switch", "Active Clients", "VLAN ID"],
    rows: networking.portGroups.map(({ name, vswitchName, vlanId }) => [
      name,
      vswitchName,
      networking.clients(name).length,
      vlanId,
    ]),
  }),
  "network vswitch standard portgroup add": async ({ networking }, options) => {
    const vswitchName = switchName(options) ?? "";
    await networking.addPortGroup({ name: portGroupName(options), vswitchName, vlanId: 0, policy: {} });
    return NOTHING;
  },
  "network vswitch standard portgroup remove": async ({ networking }, options) => {
    const spec = portGroup(networking.portGroups, options);
    if (spec.vswitchName !== switchName(options)) throw notFound();
    await networking.removePortGroup(spec.name);
    return NOTHING;
  },
  "network vswitch standard portgroup set": async ({ networking }, options) => {
    const spec = portGroup(networking.portGroups, options);
    const vlanId = Number(options.get("v") ?? options.get("vlan-id") ?? spec.vlanId);
    if (!Number.isInteger(vlanId)) throw invalidArgument("vlan-id");
    await networking.updatePortGroup(spec.name, { ...spec, vlanId });
    return NOTHING;
  },
  ...policyCommands,
};

const CDP = ["listen", "advertise", "both", "down"];

/** A vSwitch without uplinks does not print this, and loses it. */
function withCdp(
  { bridge }: HostVirtualSwitchSpec,
  status: string | undefined,
): HostVirtualSwitchSpec["bridge"] {
  if (status === undefined) return bridge;
  if (!CDP.includes(status)) throw invalidArgument("cdp-status");
  const operation = status === "down" ? "none" : status;
  const said: Partial<HostVirtualSwitchBondBridge> = {
    linkDiscoveryProtocolConfig: { protocol: "cdp", operation },
  };
  return bridge && { ...bridge, ...said };
}

function switchName(options: Options): string | undefined {
  return options.get("v") ?? options.get("vswitch-name");
}

function portGroupName(options: Options): string {
  return options.get("p") ?? options.get("portgroup-name") ?? "";
}

function uplink(options: Options): string {
  return options.get("u") ?? options.get("uplink-name") ?? "";
}

function portGroup(all: readonly HostPortGroupSpec[], options: Options): HostPortGroupSpec {
  const found = all.find(({ name }) => name === portGroupName(options));
  if (found === undefined) throw notFound();
  return found;
}

function changeSwitch(
  { networking }: ShellHost,
  options: Options,
  change: (spec: HostVirtualSwitchSpec) => HostVirtualSwitchSpec,
): Table {
  const found = networking.switches.find(({ name }) => name === switchName(options));
  if (found === undefined) throw notFound();
  networking.updateSwitch(found.name, change(found.spec));
  return NOTHING;
}

/** A new uplink is active. An uplink that is removed is also taken out of the order of the teaming. */
function withUplinks(spec: HostVirtualSwitchSpec, nicDevice: readonly string[]): HostVirtualSwitchSpec {
  const { nicOrder, ...nicTeaming } = spec.policy?.nicTeaming ?? {};
  const standbyNic = (nicOrder?.standbyNic ?? []).filter((one) => nicDevice.includes(one));
  const activeNic = nicDevice.filter((one) => !standbyNic.includes(one));
  return {
    ...spec,
    bridge: nicDevice.length === 0 ? undefined : { ...spec.bridge, ...bond(nicDevice) },
    policy: { ...spec.policy, nicTeaming: { ...nicTeaming, nicOrder: { activeNic, standbyNic } } },
  };
}

function bond(nicDevice: readonly string[]): { $type: string; nicDevice: readonly string[] } {
  return { $type: "HostVirtualSwitchBondBridge", nicDevice };
}

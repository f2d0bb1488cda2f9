/** The host's standard vSwitches and their port groups, and which changes are allowed when. */
import type { HostPortGroupSpec, HostVirtualSwitchSpec } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import type { StoredNetworking, StoredSwitch } from "../core/stored.ts";
import type { HostContext } from "../host-context.ts";
import { alreadyExists, invalidArgument, notFound, resourceInUse } from "../soap/fault.ts";
import type { Vms } from "../vm/vms.ts";
import { networkReaders } from "./network.ts";
import { MANAGEMENT, PNICS, VNICS } from "./network-ports.ts";
import { checkPolicy, checkSecurity, checkWhole } from "./policy.ts";
import { bond, MTU, switchSpec, uplinksOf } from "./switch-spec.ts";

const FIRST_SWITCH = "vSwitch0";
const MAX_SWITCH_NAME = 31;
const MAX_PORT_GROUP_NAME = 80;
const MAX_PORTS = 4088;
const DEFAULT_PORTS = 128;
const MAX_VLAN = 4095;

export class Networking {
  readonly #host: HostContext;
  readonly #vms: Vms;
  #switches: readonly StoredSwitch[];
  #portGroups: readonly HostPortGroupSpec[];
  readonly #offered: readonly string[];

  constructor(host: HostContext, vms: Vms) {
    this.#host = host;
    this.#vms = vms;
    const stored: StoredNetworking | undefined = host.store.network;
    const offered = host.options.networks;
    const known = stored?.offered ?? [];
    const fresh = offered.filter((name) => !known.includes(name));
    this.#offered = [...known, ...fresh];
    this.#switches = stored?.switches ?? [
      { name: FIRST_SWITCH, spec: this.#whole({ numPorts: DEFAULT_PORTS, bridge: bond(["vmnic0"]) }) },
    ];
    const groups = stored?.portGroups ?? [];
    const added = (stored ? fresh : [...fresh, MANAGEMENT]).filter(
      (name) => !groups.some((one) => one.name === name),
    );
    this.#portGroups = [
      ...groups,
      ...added.map((name) => ({ name, vlanId: 0, vswitchName: FIRST_SWITCH, policy: {} })),
    ];
    this.#save();
  }

  get switches(): readonly StoredSwitch[] {
    return this.#switches;
  }

  get portGroups(): readonly HostPortGroupSpec[] {
    return this.#portGroups;
  }

  /** Port groups for VMs. Those with an adapter of the host itself do not count. */
  get names(): readonly string[] {
    return this.#portGroups.map(({ name }) => name).filter((name) => !ofHost(name));
  }

  /** Puts the Network objects into the inventory. */
  announce(): void {
    for (const name of this.names) this.#add(name);
  }

  /** VMs with an open port on a port group. */
  clients(portGroup: string): readonly string[] {
    return this.#vms
      .list()
      .filter((vm) => vm.powerState === "poweredOn" && vm.networks.includes(portGroup))
      .map((vm) => vm.name);
  }

  /** @throws VimFault AlreadyExists, InvalidArgument, ResourceInUse */
  addSwitch(name: string, spec: HostVirtualSwitchSpec | undefined): void {
    if (name === "" || name.length > MAX_SWITCH_NAME) throw invalidArgument("vswitchName");
    if (this.#switches.some((one) => one.name === name)) throw alreadyExists(name);
    const whole = this.#checkedSwitch(name, spec ?? { numPorts: DEFAULT_PORTS });
    this.#set([...this.#switches, { name, spec: whole }], this.#portGroups);
  }

  /** @throws VimFault NotFound, InvalidArgument, ResourceInUse */
  updateSwitch(name: string, spec: HostVirtualSwitchSpec): void {
    this.#needSwitch(name);
    const whole = this.#checkedSwitch(name, spec);
    this.#set(
      this.#switches.map((one) => (one.name === name ? { name, spec: whole } : one)),
      this.#portGroups,
    );
  }

  /** Removes a vSwitch, and its port groups with it. @throws VimFault NotFound, ResourceInUse */
  async removeSwitch(name: string): Promise<void> {
    this.#needSwitch(name);
    const own = this.#portGroups.filter(({ vswitchName }) => vswitchName === name);
    if (own.some((one) => this.#inUse(one.name))) throw resourceInUse("VirtualSwitch", name);
    this.#set(
      this.#switches.filter((one) => one.name !== name),
      this.#portGroups.filter((one) => !own.includes(one)),
    );
    for (const one of own) await this.#gone(one.name);
  }

  /** @throws VimFault AlreadyExists, NotFound, InvalidArgument */
  async addPortGroup(spec: HostPortGroupSpec): Promise<void> {
    this.#checkPortGroup(spec);
    if (this.#portGroups.some(({ name }) => name === spec.name)) throw alreadyExists(spec.name);
    this.#set(this.#switches, [...this.#portGroups, spec]);
    await this.#came(spec.name);
  }

  /**
   * Another name makes it another network. As on ESXi, adapters of VMs keep the old name in their `.vmx`.
   *
   * @throws VimFault AlreadyExists, NotFound, InvalidArgument, ResourceInUse
   */
  async updatePortGroup(name: string, spec: HostPortGroupSpec): Promise<void> {
    const now = this.#needPortGroup(name);
    this.#checkPortGroup(spec);
    if (spec.vswitchName !== now.vswitchName) throw invalidArgument("portgrp.vswitchName");
    const renamed = spec.name !== name;
    if (renamed && this.#portGroups.some((one) => one.name === spec.name)) throw alreadyExists(spec.name);
    if (renamed && ofHost(name)) throw resourceInUse("PortGroup", name);
    this.#set(
      this.#switches,
      this.#portGroups.map((one) => (one === now ? spec : one)),
    );
    if (!renamed) return;
    await this.#gone(name);
    await this.#came(spec.name);
  }

  /** @throws VimFault NotFound, ResourceInUse */
  async removePortGroup(name: string): Promise<void> {
    const now = this.#needPortGroup(name);
    if (this.#inUse(name)) throw resourceInUse("PortGroup", name);
    this.#set(
      this.#switches,
      this.#portGroups.filter((one) => one !== now),
    );
    await this.#gone(name);
  }

  /** Whether a port is open. Adapters of VMs that are off have no port. */
  #inUse(portGroup: string): boolean {
    return ofHost(portGroup) || this.clients(portGroup).length > 0;
  }

  #checkedSwitch(name: string, spec: HostVirtualSwitchSpec): HostVirtualSwitchSpec {
    const { numPorts, mtu = MTU.default } = spec;
    if (numPorts < 1 || numPorts > MAX_PORTS) throw invalidArgument("spec.numPorts");
    if (mtu < MTU.least || mtu > MTU.most) throw invalidArgument("spec.mtu");
    const uplinks = uplinksOf(spec);
    const taken = this.#switches.filter((one) => one.name !== name).flatMap((one) => uplinksOf(one.spec));
    for (const [index, uplink] of uplinks.entries()) {
      if (!PNICS.some(({ device }) => device === uplink)) throw invalidArgument("spec.bridge.nicDevice");
      if (taken.includes(uplink) || uplinks.indexOf(uplink) !== index)
        throw resourceInUse("PhysicalNic", uplink);
    }
    checkWhole(spec.policy);
    checkPolicy(spec.policy ?? {}, uplinks);
    return this.#whole(spec);
  }

  #whole(spec: HostVirtualSwitchSpec): HostVirtualSwitchSpec {
    return switchSpec(spec, this.#host.options.behaviour.switchSecurity === "open");
  }

  #checkPortGroup(spec: HostPortGroupSpec): void {
    if (spec.name === "" || spec.name.length > MAX_PORT_GROUP_NAME) throw invalidArgument("portgrp.name");
    if (spec.vlanId < 0 || spec.vlanId > MAX_VLAN) throw invalidArgument("portgrp.vlanId");
    checkSecurity(spec.policy);
    checkPolicy(spec.policy, uplinksOf(this.#needSwitch(spec.vswitchName).spec));
  }

  #needSwitch(name: string): StoredSwitch {
    const found = this.#switches.find((one) => one.name === name);
    if (found === undefined) throw notFound();
    return found;
  }

  #needPortGroup(name: string): HostPortGroupSpec {
    const found = this.#portGroups.find((one) => one.name === name);
    if (found === undefined) throw notFound();
    return found;
  }

  #set(switches: readonly StoredSwitch[], portGroups: readonly HostPortGroupSpec[]): void {
    this.#switches = switches;
    this.#portGroups = portGroups;
    this.#save();
    const { objects } = this.#host;
    objects.changed(ids.MANAGERS.networkSystem, "networkInfo", "networkConfig");
    objects.changed(ids.HOST, "config");
  }

  #save(): void {
    this.#host.store.network = {
      switches: this.#switches,
      portGroups: this.#portGroups,
      offered: this.#offered,
    };
  }

  #add(name: string): void {
    this.#host.objects.add({
      ref: ids.networkRef(name),
      readers: networkReaders(this.#host, this.#vms, name),
    });
  }

  async #came(name: string): Promise<void> {
    if (ofHost(name)) return;
    this.#add(name);
    await this.#networksChanged(name);
  }

  async #gone(name: string): Promise<void> {
    this.#host.objects.remove(ids.networkRef(name));
    await this.#networksChanged(name);
  }

  /** Notifies the listeners. VMs with an adapter on the network then show whether it exists. */
  async #networksChanged(name: string): Promise<void> {
    const { objects } = this.#host;
    objects.changed(ids.NETWORK_FOLDER, "childEntity");
    for (const ref of [ids.DATACENTER, ids.COMPUTE_RESOURCE, ids.HOST]) objects.changed(ref, "network");
    const wanting = this.#vms.list().filter((vm) => vm.wantedNetworks.includes(name));
    await Promise.all(wanting.map((vm) => vm.refresh()));
  }
}

/** Whether an adapter of the host itself is on a port group. */
function ofHost(portGroup: string): boolean {
  return VNICS.some((nic) => nic.portgroup === portGroup);
}

import type * as pulumi from "@pulumi/pulumi";
import type { AdoptVmArgs } from "../args/adopt.ts";
import type { AllocationArgs } from "../args/allocation.ts";
import type { AutoStartArgs } from "../args/auto-start.ts";
import type { BootArgs } from "../args/boot.ts";
import type { DiskArgs } from "../args/disks.ts";
import type { GuestArgs } from "../args/guest.ts";
import type { HardwareArgs } from "../args/hardware.ts";
import type { NetworkInterfaceArgs } from "../args/network-interfaces.ts";
import type { CdromArgs, FloppyArgs } from "../args/removable-media.ts";
import type { SerialPortArgs } from "../args/serial-ports.ts";

/** What to wait for before a create or update counts as done. Nothing is waited for unless it is named here. */
export interface WaitForArgs {
  /**
   * Wait until the guest reports an address of one of the VM's network adapters that is not link-local. Addresses of
   * bridges inside the guest, such as Docker's, do not count. Needs VMware Tools in the guest. Default false.
   */
  ip?: pulumi.Input<boolean> | undefined;
  /** Only an address of this network adapter counts, 0–9, in the order of `networkInterfaces`. Default: of any. */
  networkInterface?: pulumi.Input<number> | undefined;
  /** Only an address of this family counts. Default: either, `ipv4` preferred. */
  family?: pulumi.Input<"ipv4" | "ipv6"> | undefined;
  /** Only an address in this subnet counts, `10.20.0.0/16` or `2001:db8::/64`. Default: any. */
  subnet?: pulumi.Input<string> | undefined;
  /** Wait until VMware Tools report that they run. Default false. */
  tools?: pulumi.Input<boolean> | undefined;
  /**
   * Wait until this TCP port (1–65535) accepts a connection, at the address that the guest has at that moment. Waits
   * for an address as `ip` does. Default: none.
   */
  tcpPort?: pulumi.Input<number> | undefined;
  /**
   * From where the port is tried: from this machine (`client`), or from the ESXi host's shell over SSH (`host`), for
   * networks to which this machine has no route. Default `client`.
   */
  via?: pulumi.Input<"client" | "host"> | undefined;
  /**
   * Wait until a new VM switches itself off, as installers do at their end. `powerOn: true` then means `"once"`: the
   * VM stays off. Not together with `ip`, `tools` or `tcpPort`. Default false.
   */
  poweredOff?: pulumi.Input<boolean> | undefined;
  /** How long to wait, in seconds, 1–86400. Default 300. The VM stays, and the next `pulumi up` waits again. */
  timeoutSeconds?: pulumi.Input<number> | undefined;
}

/** How long an operation may take as a whole, in seconds, 1–604800. */
export interface TimeoutsArgs {
  /** Create, uploads included. Default 14400 (four hours). */
  createSeconds?: pulumi.Input<number> | undefined;
  /** Update. Default 1800. */
  updateSeconds?: pulumi.Input<number> | undefined;
  /** Delete. Default 1800. */
  deleteSeconds?: pulumi.Input<number> | undefined;
  /** How long a guest may take to shut down before it is powered off hard. Default 120. 0 powers off at once. */
  shutdownSeconds?: pulumi.Input<number> | undefined;
}

/** Settings that every virtual machine of this package has. */
export interface VmArgs extends AllocationArgs, HardwareArgs, BootArgs, GuestArgs {
  /**
   * The VM's name on the host: 1–80 characters, and at most 231 bytes in UTF-8, because its files are named after it.
   * Default: the resource's logical name; of a
   * machine that is adopted by its name, that one. Changing it renames in place; the folder on the datastore keeps its name.
   */
  name?: pulumi.Input<string> | undefined;
  /**
   * Which host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. Changing it
   * replaces the VM, and is refused at preview without `allowReplace`.
   */
  host?: pulumi.Input<string | undefined> | undefined;
  /**
   * The datastore's name. Default: the host's only datastore; with several it must be given. Changing it moves the VM
   * with one power cycle: the host copies its files, and the old ones go when the copy has been compared. Disks with a
   * datastore of their own stay. A VM with snapshots, or on which linked clones build, is not moved. A linked clone
   * would be replaced, which is refused at preview without `allowReplace`.
   */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * A resource pool's name, or its path where several have that name. Default: the host's root pool. Changing it moves
   * the VM in place, running or not; over SSH there is no command for that.
   */
  resourcePool?: pulumi.Input<string> | undefined;
  /**
   * Virtual CPUs, 1–768. Default: what the source says. Changed in place where CPU hot-add is on and the number
   * grows, else with one power cycle.
   */
  numCpus?: pulumi.Input<number> | undefined;
  /** Cores per virtual socket; must divide `numCpus`. Default: what the source says. Changed with one power cycle. */
  numCoresPerSocket?: pulumi.Input<number> | undefined;
  /**
   * Memory in MB, a multiple of 4. Default: what the source says. Changed in place where memory hot-add is on and
   * it grows, else with one power cycle.
   */
  memory?: pulumi.Input<number> | undefined;
  /** Notes, shown in the host's client. Changed in place. Default: what the source says. */
  annotation?: pulumi.Input<string> | undefined;
  /**
   * Advanced settings by key, as in the .vmx file, `guestinfo.*` among them. Changed in place; a key that is taken
   * out here is removed from the VM. Keys that are not named here are not touched. Wrap secrets in `pulumi.secret`.
   * For example `{ "disk.EnableUUID": "TRUE" }`.
   */
  extraConfig?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * Disks, each known by its label. Those that the VM has from its OVA or its source are left alone if they are not
   * listed. An entry that is taken out goes with its disk; `[]` takes out all. Default: nothing is changed.
   * For example `[{ label: "system", size: 16 }]`.
   */
  disks?: pulumi.Input<pulumi.Input<DiskArgs>[]> | undefined;
  /**
   * CD drives, in order; all that the VM is to have. Default: those of the source. What is in them is changed in place;
   * drives come and go with one power cycle. For example `[{ iso: "[datastore1] iso/debian-12.iso" }]`.
   */
  cdroms?: pulumi.Input<pulumi.Input<CdromArgs>[]> | undefined;
  /**
   * The floppy drive; false for none. Default: as the source has it. Put in or taken out with one power cycle, else
   * changed in place. For example `{ image: "[datastore1] floppies/drivers.flp" }`.
   */
  floppy?: pulumi.Input<FloppyArgs | false> | undefined;
  /**
   * Network adapters, in order; all that the VM is to have. Default: those of the source, a clone's with MAC addresses
   * of their own. Changed in place, a MAC address with one power cycle. For example `[{ network: "VM Network" }]`.
   */
  networkInterfaces?: pulumi.Input<pulumi.Input<NetworkInterfaceArgs>[]> | undefined;
  /**
   * Serial ports, in order; all that the VM is to have. Default: those of the source. Changed with one power cycle.
   * For example `[{ networkUri: "telnet://:7000" }]`.
   */
  serialPorts?: pulumi.Input<pulumi.Input<SerialPortArgs>[]> | undefined;
  /**
   * Whether the VM is to run. `once`: it is started when it is made, and then belongs to whoever uses it; no update
   * starts or stops it for good, and a VM that somebody has stopped is no difference. Recommended for machines of
   * people. Default true; of a machine that is adopted `once`. Changed in place; a change to `once` does nothing on the host.
   */
  powerOn?: pulumi.Input<boolean | "once"> | undefined;
  /**
   * Whether an update may power the VM off and on again where the host allows a change in no other way: the guest is
   * shut down through VMware Tools first. Default true. With false such an update fails and says so.
   */
  allowPowerCycle?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the VM may be replaced because it is to be in another place: on another `host`, or, a linked clone, on another
   * `datastore` or in another `folder`. The old one is deleted with its disks. Default false: such a change is an error at
   * preview. Changing it does nothing on the host.
   */
  allowReplace?: pulumi.Input<boolean> | undefined;
  /**
   * Starts and stops the VM with its host. Changed in place. Switches the host's list of such machines on if it is off.
   * Default: what the host has. For example `{ order: 1 }`.
   */
  autoStart?: pulumi.Input<AutoStartArgs> | undefined;
  /**
   * Takes a machine that is there already under this resource's care instead of making one, without touching it. It
   * must be what the other settings say, else the preview fails and lists every difference. What the program does not
   * say is not compared and stays as it is: no default of new machines counts, and `powerOn` is `"once"`. From then on it is this
   * resource's, and deleted with it unless `retainOnDelete` or `protect` is set. Changing it later changes nothing.
   * For example `{ name: "debian-12" }`.
   */
  adopt?: pulumi.Input<AdoptVmArgs> | undefined;
  /** What to wait for after power-on. For example `{ ip: true, timeoutSeconds: 600 }`. */
  waitFor?: pulumi.Input<WaitForArgs> | undefined;
  /** Time limits. For example `{ createSeconds: 3600 }`. */
  timeouts?: pulumi.Input<TimeoutsArgs> | undefined;
}

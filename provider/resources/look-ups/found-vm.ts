/** A disk of a {@link FoundVm}. */
export interface FoundDisk {
  /** As the host's client shows it: `Hard disk 1`. */
  readonly label: string;
  /** Size as the guest sees it, in bytes. */
  readonly sizeBytes: number;
  /** Datastore path of its descriptor, `[datastore1] vm/vm.vmdk`. For a linked clone, its own delta disk. */
  readonly file: string;
  /** Its controller. Undefined for a kind that this package does not make. */
  readonly controller?:
    | "pvscsi"
    | "lsilogic"
    | "lsilogic-sas"
    | "buslogic"
    | "sata"
    | "nvme"
    | "ide"
    | undefined;
  /** Number of the controller among those of its kind of bus, from 0 on. */
  readonly busNumber?: number | undefined;
  /** Unit number at the controller, from 0 on. */
  readonly unitNumber?: number | undefined;
}

/** A network adapter of a {@link FoundVm}. */
export interface FoundNetworkInterface {
  /** Name of the port group. Empty if the network is no port group. */
  readonly network: string;
  /** `vmxnet3`, `e1000e`, `e1000` or `pcnet32`. */
  readonly adapterType: string;
  /** Its MAC address. */
  readonly macAddress: string;
}

/**
 * The answer of {@link getVm} and {@link getVms} about a virtual machine. Advanced settings are left out, because they
 * may be secrets.
 */
export interface FoundVm {
  /** The VM's name on the host. */
  readonly name: string;
  /** The datastore that has its .vmx file. */
  readonly datastore: string;
  /** Virtual CPUs. */
  readonly numCpus: number;
  /** Cores per virtual socket. */
  readonly numCoresPerSocket: number;
  /** Memory in MB. */
  readonly memory: number;
  /** Notes. */
  readonly annotation: string;
  /** The guest operating system, as the host has it: `otherLinux64Guest`. */
  readonly guestId: string;
  /** Version of the virtual hardware: 21 for `vmx-21`. */
  readonly hardwareVersion: number;
  /** `bios` or `efi`. */
  readonly firmware: "bios" | "efi";
  /** Name of its resource pool. The root pool is `Resources`. */
  readonly resourcePool: string;
  /** The managed object id on its host. It is also the vmid of vim-cmd. */
  readonly moid: string;
  /** BIOS UUID. */
  readonly uuid: string;
  /** Instance UUID. */
  readonly instanceUuid: string;
  /** Datastore path of the .vmx file, `[datastore1] vm/vm.vmx`. */
  readonly vmxPath: string;
  /** `poweredOn`, `poweredOff` or `suspended`. */
  readonly powerState: "poweredOn" | "poweredOff" | "suspended";
  /** Its network adapters, in order. */
  readonly networkInterfaces: FoundNetworkInterface[];
  /** MAC addresses in the order of the network adapters. */
  readonly macAddresses: string[];
  /** Its disks, in order. */
  readonly disks: FoundDisk[];
  /**
   * The guest's first address on one of the VM's own network adapters that is not link-local, IPv4 before IPv6.
   * Undefined if the guest reports none.
   */
  readonly defaultIpAddress?: string | undefined;
  /** All addresses that the guest reports, also those of bridges inside it. */
  readonly guestIpAddresses: string[];
  /** Hardware UUID of the host that has the VM. */
  readonly hostUuid: string;
}

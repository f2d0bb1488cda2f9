/** The state that a host stores outside its datastores, part by part. */
import type {
  AutoStartPowerInfo,
  HostPortGroupSpec,
  HostVirtualSwitchSpec,
  SharesInfo,
} from "../../schema/index.ts";

/** The stored state of a VM. The rest is in its `.vmx`. */
export interface StoredVm {
  readonly moid: string;
  /** `[datastore1] dir/name.vmx` */
  readonly vmxPath: string;
  readonly powerState: "poweredOff" | "poweredOn" | "suspended";
  readonly bootTime?: string | undefined;
  /** True until the import's lease is complete. Such a VM is removed when the host stops. */
  readonly importing?: boolean | undefined;
  /** Slots of the `.vmx` whose devices are connected now. */
  readonly connected?: readonly string[] | undefined;
}

/** The stored state of a service that somebody has changed. */
export interface StoredService {
  readonly running: boolean;
  readonly policy: string;
}

/** The stored state of a vSwitch. */
export interface StoredSwitch {
  readonly name: string;
  readonly spec: HostVirtualSwitchSpec;
}

/** The stored state of the networking. */
export interface StoredNetworking {
  readonly switches: readonly StoredSwitch[];
  readonly portGroups: readonly HostPortGroupSpec[];
  /** Port groups that an option of the simulator has ever asked for. One that was removed is not made again. */
  readonly offered: readonly string[];
}

/** How much CPU (MHz) or memory (MB) a pool has. */
export interface StoredAllocation {
  readonly reservation: number;
  readonly expandableReservation: boolean;
  /** -1 for no limit. */
  readonly limit: number;
  readonly shares: SharesInfo;
}

/** The stored state of a pool. */
export interface StoredPool {
  /** `pool1` */
  readonly id: string;
  readonly name: string;
  /** Id of the pool that it is in. */
  readonly parent: string;
  readonly cpu: StoredAllocation;
  readonly memory: StoredAllocation;
  /** Ids of its VMs. */
  readonly vms: readonly string[];
}

/** The stored entry of a VM in the list of VMs that start with the host. */
export interface StoredEntry extends Omit<AutoStartPowerInfo, "key"> {
  readonly moid: string;
}

/** An entry without other properties that a client may have sent. */
export function storedEntry(moid: string, info: Omit<AutoStartPowerInfo, "key">): StoredEntry {
  const { startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction } = info;
  return { moid, startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction };
}

/** The stored list of VMs that start with the host. */
export interface StoredAutoStart {
  readonly defaults: {
    /** If false, nothing starts or stops with the host, whatever the entries say. */
    readonly enabled: boolean;
    /** Seconds. */
    readonly startDelay: number;
    /** Seconds. */
    readonly stopDelay: number;
    readonly waitForHeartbeat: boolean;
    readonly stopAction: string;
  };
  readonly entries: readonly StoredEntry[];
}

/** The list of a host that nobody has configured. */
export const NO_AUTO_START: StoredAutoStart = {
  defaults: {
    enabled: false,
    startDelay: 120,
    stopDelay: 120,
    waitForHeartbeat: false,
    stopAction: "PowerOff",
  },
  entries: [],
};

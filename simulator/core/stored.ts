/** What a host keeps beside its datastores, part by part. */
import type {
  AutoStartPowerInfo,
  HostPortGroupSpec,
  HostVirtualSwitchSpec,
  SharesInfo,
} from "../../schema/index.ts";

/** What is kept of a VM; the rest stands in its `.vmx`. */
export interface StoredVm {
  readonly moid: string;
  /** `[datastore1] dir/name.vmx` */
  readonly vmxPath: string;
  readonly powerState: "poweredOff" | "poweredOn" | "suspended";
  readonly bootTime?: string | undefined;
  /** True until the import's lease is complete: such a VM does not survive the host. */
  readonly importing?: boolean | undefined;
  /** Slots of the `.vmx` whose devices are plugged in now. */
  readonly connected?: readonly string[] | undefined;
}

/** What is kept of a service that somebody has changed. */
export interface StoredService {
  readonly running: boolean;
  readonly policy: string;
}

/** What is kept of a vSwitch. */
export interface StoredSwitch {
  readonly name: string;
  readonly spec: HostVirtualSwitchSpec;
}

/** What is kept of the networking. */
export interface StoredNetworking {
  readonly switches: readonly StoredSwitch[];
  readonly portGroups: readonly HostPortGroupSpec[];
  /** Port groups that an option of the simulator has asked for, now or before: one that went since stays away. */
  readonly offered: readonly string[];
}

/** How much CPU (MHz) or memory (MB) a pool has. */
export interface StoredAllocation {
  readonly reservation: number;
  readonly expandableReservation: boolean;
  /** -1 for none. */
  readonly limit: number;
  readonly shares: SharesInfo;
}

/** What is kept of a pool. */
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

/** What is kept of a VM's entry in the list of those that start with the host. */
export interface StoredEntry extends Omit<AutoStartPowerInfo, "key"> {
  readonly moid: string;
}

/** An entry without what else a client may have sent. */
export function storedEntry(moid: string, info: Omit<AutoStartPowerInfo, "key">): StoredEntry {
  const { startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction } = info;
  return { moid, startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction };
}

/** What is kept of the list of VMs that start with the host. */
export interface StoredAutoStart {
  readonly defaults: {
    /** False: nothing starts or stops with the host, whatever the entries say. */
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

/** What a host has that nobody configured. */
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

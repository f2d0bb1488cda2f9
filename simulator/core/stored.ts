/** What is kept of the list of VMs that start with the host. */
import type { AutoStartPowerInfo } from "../../schema/index.ts";

/** What is kept of a VM's entry. */
export interface StoredEntry extends Omit<AutoStartPowerInfo, "key"> {
  readonly moid: string;
}

/** An entry without what else a client may have sent. */
export function storedEntry(moid: string, info: Omit<AutoStartPowerInfo, "key">): StoredEntry {
  const { startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction } = info;
  return { moid, startOrder, startDelay, waitForHeartbeat, startAction, stopDelay, stopAction };
}

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

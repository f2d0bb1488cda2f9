/** What a simulated host can be told when it is started. */
import { type Behaviour, behaviourOf } from "../behaviour.ts";
import type { FaultRule } from "../faults/rules.ts";

export interface SshListen {
  /** Loopback address and port: `127.0.0.1:0`. */
  readonly listen: string;
  /** Whether the service runs from the start; default true. */
  readonly running?: boolean | undefined;
  /** Sessions on one connection; default 10, 1 on a hardened host. */
  readonly maxSessions?: number | undefined;
}

export interface SimulatorOptions {
  /** Folder of everything that survives a restart: inventory, certificate and key, host UUID, port, datastores. */
  readonly stateDir: string;
  /** Address and port; default `127.0.0.1:0`. Port 0 takes the port of the previous run if it is free, else any. */
  readonly listen?: string | undefined;
  /** Default `root`. */
  readonly username?: string | undefined;
  /** Kept in memory as a digest only. */
  readonly password: string;
  /** Delay before each request is worked on, in milliseconds; default 0. */
  readonly latencyMs?: number | undefined;
  /** Least time that a task takes, in milliseconds; default 0. */
  readonly taskDurationMs?: number | undefined;
  /** How long a finished task can be read, in seconds; default 600. */
  readonly taskRetentionSeconds?: number | undefined;
  /** An NFC lease without progress times out after this; default 300. */
  readonly leaseTimeoutSeconds?: number | undefined;
  /** A session without a call ends after this; default 1800. */
  readonly sessionIdleSeconds?: number | undefined;
  /** Default `datastore1` and `datastore2` of 100 GiB each. */
  readonly datastores?: readonly { readonly name: string; readonly capacityBytes: number }[] | undefined;
  /** Port groups; default `VM Network` and `lab-net`. */
  readonly networks?: readonly string[] | undefined;
  /** `free`: every write faults RestrictedVersion. Default `licensed`. */
  readonly license?: "licensed" | "free" | undefined;
  /** An SSH server on a loopback address, of which the service TSM-SSH runs from the start unless `running` is false. */
  readonly ssh?: SshListen | undefined;
  /** Decides which properties and methods the host knows; default `8.0.3.0`. */
  readonly apiVersion?: string | undefined;
  /** Time from power-on until Tools report an address, in milliseconds; default 50. */
  readonly guestAddressDelayMs?: number | undefined;
  /** The host truncates replies of property collectors to this many objects; default: no limit of its own. */
  readonly maxObjectsPerReply?: number | undefined;
  /** What hosts differ in; default: the first answer of each. */
  readonly behaviour?: Partial<Behaviour> | undefined;
  /** Fault rules that hold from the first request. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** Seed of the dice of fault rules with a probability; default 1. */
  readonly seed?: number | undefined;
  /** File to which every SOAP request is appended as a line of JSON, secrets replaced by `***`. */
  readonly recordTo?: string | undefined;
}

/** Options with the defaults filled in. */
export interface HostOptions {
  readonly stateDir: string;
  readonly username: string;
  readonly taskDurationMs: number;
  readonly taskRetentionSeconds: number;
  readonly leaseTimeoutSeconds: number;
  readonly sessionIdleSeconds: number;
  readonly datastores: readonly { readonly name: string; readonly capacityBytes: number }[];
  readonly networks: readonly string[];
  readonly license: "licensed" | "free";
  readonly apiVersion: string;
  readonly guestAddressDelayMs: number;
  readonly maxObjectsPerReply: number | undefined;
  readonly behaviour: Behaviour;
}

const GIB = 1024 ** 3;

export function hostOptions(options: SimulatorOptions): HostOptions {
  return {
    stateDir: options.stateDir,
    username: options.username ?? "root",
    taskDurationMs: options.taskDurationMs ?? 0,
    taskRetentionSeconds: options.taskRetentionSeconds ?? 600,
    leaseTimeoutSeconds: options.leaseTimeoutSeconds ?? 300,
    sessionIdleSeconds: options.sessionIdleSeconds ?? 1800,
    datastores: options.datastores ?? [
      { name: "datastore1", capacityBytes: 100 * GIB },
      { name: "datastore2", capacityBytes: 100 * GIB },
    ],
    networks: options.networks ?? ["VM Network", "lab-net"],
    license: options.license ?? "licensed",
    apiVersion: options.apiVersion ?? "8.0.3.0",
    guestAddressDelayMs: options.guestAddressDelayMs ?? 50,
    maxObjectsPerReply: options.maxObjectsPerReply,
    behaviour: behaviourOf(options.behaviour),
  };
}

/** The options of a simulated host. */
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
  /** Folder for everything that stays over a restart: inventory, certificate and key, host UUID, port, datastores. */
  readonly stateDir: string;
  /**
   * Address and port. Default `127.0.0.1:0`. Port 0 means the port of the previous run if it is free, otherwise any.
   */
  readonly listen?: string | undefined;
  /** Default `root`. */
  readonly username?: string | undefined;
  /** Only its digest is kept in memory. */
  readonly password: string;
  /** Delay before each request is handled, in milliseconds. Default 0. */
  readonly latencyMs?: number | undefined;
  /** The shortest time that a task takes, in milliseconds. Default 0. */
  readonly taskDurationMs?: number | undefined;
  /** How long a finished task can be read, in seconds; default 600. */
  readonly taskRetentionSeconds?: number | undefined;
  /** Seconds after which an NFC lease without progress times out. Default 300. */
  readonly leaseTimeoutSeconds?: number | undefined;
  /** Seconds after which a session without a call ends. Default 1800. */
  readonly sessionIdleSeconds?: number | undefined;
  /** Default `datastore1` and `datastore2` of 100 GiB each. */
  readonly datastores?: readonly { readonly name: string; readonly capacityBytes: number }[] | undefined;
  /** Port groups; default `VM Network` and `lab-net`. */
  readonly networks?: readonly string[] | undefined;
  /** `free`: every write faults RestrictedVersion. Default `licensed`. */
  readonly license?: "licensed" | "free" | undefined;
  /** An SSH server on a loopback address. Its service TSM-SSH runs from the start unless `running` is false. */
  readonly ssh?: SshListen | undefined;
  /** Decides which properties and methods the host knows. Default `8.0.3.0`. */
  readonly apiVersion?: string | undefined;
  /** Time from power-on until Tools report an address, in milliseconds; default 50. */
  readonly guestAddressDelayMs?: number | undefined;
  /** The most objects in one reply of a property collector. Default: no own limit. */
  readonly maxObjectsPerReply?: number | undefined;
  /** Behaviour in which hosts differ. Default: the first answer of each. */
  readonly behaviour?: Partial<Behaviour> | undefined;
  /** Fault rules that apply from the first request. */
  readonly faults?: readonly FaultRule[] | undefined;
  /** Seed of the random numbers for fault rules with a probability. Default 1. */
  readonly seed?: number | undefined;
  /** File to which every SOAP request is appended as a line of JSON. Secrets are replaced by `***`. */
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

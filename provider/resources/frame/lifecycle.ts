import type { EsxiHost } from "../../host/esxi-host.ts";
import type { HostError } from "../../host/host-error.ts";
import type { Wants } from "../preview/wants.ts";

/** Property bags as Pulumi hands them over: plain JSON, with the UNKNOWN marker for what a preview does not know. */
export type Properties = Readonly<Record<string, unknown>>;

/** One thing that is wrong with a resource's inputs. */
export interface CheckFailure {
  /** The setting's path, `waitFor.tcpPort`. */
  readonly property: string;
  readonly reason: string;
}

interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface DiffResult {
  readonly changes: boolean;
  readonly replaces: string[];
  /** True for what is on a host, which has one thing of a name. */
  readonly deleteBeforeReplace: boolean;
}

interface CreateResult {
  readonly id: string;
  readonly outs: Properties;
}

export interface ReadResult {
  readonly id?: string;
  readonly props?: Properties;
}

/** Says what goes on with one resource, in its own row of Pulumi's display. */
export interface Progress {
  /** Shows a line that leaves no trace when the resource is done. At most about one a second is shown. */
  status(text: string): void;
  /** Leaves a line under the resource, in a preview too. */
  info(text: string): void;
  /** Leaves a warning under the resource. */
  warn(text: string): void;
}

/** What a lifecycle works with. */
export interface Context {
  readonly progress: Progress;
  /** Aborted when the whole run is to end at once. */
  readonly signal: AbortSignal;
  /**
   * Stops the clock of the operation's time limit, for a wait that others decide, until the function that it returns is
   * called. Undefined where there is no limit.
   */
  readonly pauseLimit?: () => () => void;
  /** The folder that relative paths count from. */
  readonly projectFolder: string;
  /**
   * In a diff: true if it is a refresh that compares what it has just read with the inputs of the last run, false if it is a
   * preview or update with a program. Default false.
   */
  readonly isRefresh?: boolean;
  /** Whether a create takes back what the same resource made, and finished, before. Default false. */
  readonly takeBack?: boolean;
  /** Whether a preview asks the hosts that new resources go to. Default true. */
  readonly checkHost?: boolean;
  /** Whether that host is lost for good. Default: none is. */
  readonly isGone?: (name: string | undefined) => boolean;
  /** The host of that name in `esxi:hosts`, or the one of `esxi:host`; one object per host and process. */
  host(name: string | undefined): EsxiHost;
}

/** What a resource does; one per resource, found by the dispatcher under the resource's kind. */
export interface Lifecycle {
  /**
   * Fills in defaults and says what is wrong. Contacts no host, but for the adoption of a machine, which is compared with what
   * is there unless `checkHost` is false.
   */
  check(olds: Properties, news: Properties, context: Context): Promise<CheckResult>;
  /** What it wants of its host; left out by what wants nothing that has a name. Contacts no host. */
  wants?(inputs: Properties, context: Context): Wants | Promise<Wants>;
  /**
   * What keeps a new resource from adopting what is there; undefined for nothing. Left out by what adopts nothing, and by
   * machines, whose check says it. Asks the host, and changes nothing.
   */
  unadoptable?(inputs: Properties, context: Context): Promise<HostError | undefined>;
  /**
   * What keeps a machine in state from going to where its program wants it; undefined for nothing. Left out by what is never
   * moved. Asks the host, and changes nothing.
   *
   * @param olds Inputs of the last run.
   */
  unmovable?(olds: Properties, inputs: Properties, context: Context): Promise<HostError | undefined>;
  /** Compares outputs with inputs. Local: no network, no files, unless it has to say who stands in the way of a replacement. */
  diff(id: string, olds: Properties, news: Properties, context: Context): Promise<DiffResult>;
  create(inputs: Properties, context: Context): Promise<CreateResult>;
  read(id: string, props: Properties, context: Context): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties, context: Context): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties, context: Context): Promise<void>;
}

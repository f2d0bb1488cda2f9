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
   * Stops the clock of the operation's time limit while others decide how long something takes. The function that it
   * returns starts the clock again. Undefined where there is no limit.
   */
  readonly pauseLimit?: () => () => void;
  /** The folder that relative paths count from. */
  readonly projectFolder: string;
  /**
   * For a diff. True in a refresh, which compares what it has just read with the inputs of the last run. False in a
   * preview or update with a program. Default false.
   */
  readonly isRefresh?: boolean;
  /** Whether a create takes back what the same resource has made and finished before. Default false. */
  readonly takeBack?: boolean;
  /** Whether a preview asks the hosts that new resources go to. Default true. */
  readonly checkHost?: boolean;
  /** Whether that host is lost for good. Default: no host is. */
  readonly isGone?: (name: string | undefined) => boolean;
  /**
   * The host of that name in `esxi:hosts`, or the host of `esxi:host`. There is one object for each host in the
   * process.
   */
  host(name: string | undefined): EsxiHost;
}

/** What a resource does. The dispatcher finds it under the resource's kind. */
export interface Lifecycle {
  /**
   * Fills in defaults, and says what is wrong. Contacts no host, with one exception: a machine to be adopted is
   * compared with the one that is there, unless `checkHost` is false.
   */
  check(olds: Properties, news: Properties, context: Context): Promise<CheckResult>;
  /** What it needs on its host, and which names it takes there. Left out if it names nothing. Contacts no host. */
  wants?(inputs: Properties, context: Context): Wants | Promise<Wants>;
  /**
   * Why a new resource cannot adopt what is there. Undefined if it can. Left out by kinds that adopt nothing, and by
   * machines, whose check says it. Asks the host, and changes nothing.
   */
  unadoptable?(inputs: Properties, context: Context): Promise<HostError | undefined>;
  /**
   * Why the host would not take what a resource brings along. Undefined if it would. Left out by kinds that bring
   * nothing. Asks the host, and changes nothing.
   *
   * @param olds Inputs of the last run. Empty for a new resource.
   */
  refused?(olds: Properties, inputs: Properties, context: Context): Promise<HostError | undefined>;
  /**
   * Why a machine cannot go to where its program wants it. Undefined if it can. Left out by kinds that never move.
   * Asks the host, and changes nothing.
   *
   * @param olds Inputs of the last run.
   */
  unmovable?(olds: Properties, inputs: Properties, context: Context): Promise<HostError | undefined>;
  /**
   * Why what is there cannot get the name that its program wants. Undefined if it can. Kinds that can always be renamed
   * leave this out.
   * Asks the host, and changes nothing.
   *
   * @param olds Inputs of the last run.
   */
  unchangeable?(olds: Properties, inputs: Properties, context: Context): Promise<HostError | undefined>;
  /**
   * Compares outputs with inputs. This is local: no network, and no files. It asks the host in one case: to say what
   * stands in the way of a replacement.
   */
  diff(id: string, olds: Properties, news: Properties, context: Context): Promise<DiffResult>;
  create(inputs: Properties, context: Context): Promise<CreateResult>;
  read(id: string, props: Properties, context: Context): Promise<ReadResult>;
  update(id: string, olds: Properties, news: Properties, context: Context): Promise<{ outs: Properties }>;
  delete(id: string, props: Properties, context: Context): Promise<void>;
}

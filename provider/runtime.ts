/**
 * What Pulumi's dynamic-provider process loads: the constant provider text calls {@link dispatch} for every operation
 * of every resource. State that an older release has written arrives here too.
 */
import type { EsxiHost } from "./host/esxi-host.ts";
import { messageWithHint } from "./host/fault-hints.ts";
import { printable } from "./host/printable.ts";
import type { Context, Lifecycle, Properties } from "./resources/frame/lifecycle.ts";
import { isRenamedHost } from "./resources/frame/renamed-host.ts";
import { UnfinishedError } from "./resources/frame/unfinished-error.ts";
import { FirstRun } from "./runtime/first-run.ts";
import { hostOf } from "./runtime/host-pool.ts";
import { progressFor, tellStack } from "./runtime/progress.ts";
import { projectFolder } from "./runtime/project-folder.ts";
import { Refreshes } from "./runtime/refreshes.ts";
import { savedConfigurationHint } from "./runtime/saved-configuration.ts";
import { SettingsError } from "./runtime/settings-error.ts";
import { endOfRun, track } from "./runtime/shutdown.ts";
import { checksHost, isGone, type StackConfig, takesBack } from "./runtime/stack-configuration.ts";
import { inFullOnce } from "./runtime/told-once.ts";
import { gathering } from "./vim/reads/gather.ts";

/** Lifecycles by the kind that a resource's class names; each is loaded when the first resource of its kind is met. */
const LIFECYCLES: Readonly<Record<string, () => Promise<Lifecycle>>> = {
  OvaDeployment: async () => (await import("./resources/vm/ova-deployment.lifecycle.ts")).ovaDeployment,
  DatastoreClone: async () => (await import("./resources/vm/datastore-clone.lifecycle.ts")).datastoreClone,
  ScratchVm: async () => (await import("./resources/vm/scratch-vm.lifecycle.ts")).scratchVm,
  HostService: async () => (await import("./resources/host/host-service.lifecycle.ts")).hostService,
  DatastoreFile: async () =>
    (await import("./resources/datastore/datastore-file.lifecycle.ts")).datastoreFile,
  DatastoreFolder: async () =>
    (await import("./resources/datastore/datastore-folder.lifecycle.ts")).datastoreFolder,
  Numbers: async () => (await import("./resources/fleet/numbers/numbers.lifecycle.ts")).numbers,
  Placement: async () => (await import("./resources/fleet/placement/placement.lifecycle.ts")).placement,
  PortGroup: async () => (await import("./resources/network/port-group.lifecycle.ts")).portGroup,
  TextFile: async () => (await import("./resources/local/text-file.lifecycle.ts")).textFile,
  ResourcePool: async () => (await import("./resources/host/resource-pool.lifecycle.ts")).resourcePool,
  VirtualSwitch: async () => (await import("./resources/network/virtual-switch.lifecycle.ts")).virtualSwitch,
  VmSnapshot: async () => (await import("./resources/vm/vm-snapshot.lifecycle.ts")).vmSnapshot,
  getDatastore: async () => (await import("./resources/look-ups/reads.ts")).getDatastore,
  getHost: async () => (await import("./resources/look-ups/reads.ts")).getHost,
  getNetwork: async () => (await import("./resources/look-ups/reads.ts")).getNetwork,
  getVm: async () => (await import("./resources/look-ups/reads.ts")).getVm,
  getVms: async () => (await import("./resources/look-ups/reads.ts")).getVms,
};

/** Kinds that are on no host: to be made they need none. */
const ON_NO_HOST: readonly string[] = ["Numbers", "Placement", "TextFile"];

const refreshes = new Refreshes();
const firstRun = new FirstRun();

const loaded = new Map<string, Promise<Lifecycle>>();

/** @throws Error if there is no such kind */
async function lifecycleOf(kind: string): Promise<Lifecycle> {
  const before = loaded.get(kind);
  if (before) return before;
  const load = LIFECYCLES[kind];
  if (load === undefined) {
    throw new Error(
      `This release of pulumi-esxi-direct has no resource ${kind}. Was the stack made by a newer one?`,
    );
  }
  // Loading keeps the process busy: a login that has just begun is first sent on its way.
  const lifecycle = new Promise<void>((resolve) => setImmediate(resolve)).then(load);
  loaded.set(kind, lifecycle);
  return lifecycle;
}

/** Pulumi's own calls, with their arguments as Pulumi passes them. */
type Call =
  | readonly ["check", readonly [Properties, Properties]]
  | readonly ["diff", readonly [string, Properties, Properties]]
  | readonly ["create", readonly [Properties]]
  | readonly ["read", readonly [string, Properties]]
  | readonly ["update", readonly [string, Properties, Properties]]
  | readonly ["delete", readonly [string, Properties]];

/**
 * Runs one operation of one resource.
 *
 * @param kind The resource's kind, `OvaDeployment`.
 * @param config The stack's configuration; undefined if Pulumi has not handed it over.
 * @throws Whatever the operation throws, its message written for people.
 */
export async function dispatch(
  kind: string,
  method: Call[0],
  config: StackConfig | undefined,
  args: Call[1],
): Promise<unknown> {
  const properties = args[args.length - 1] as Properties;
  const urn = typeof properties.__urn === "string" ? properties.__urn : undefined;
  const progress = progressFor(urn);
  refreshes.saw(method, urn ?? "");
  const settings: StackConfig = config ?? { get: () => undefined };
  const context: Context = {
    progress,
    signal: endOfRun,
    get projectFolder() {
      return projectFolder();
    },
    isRefresh: method === "diff" && refreshes.isRefresh(urn ?? ""),
    get takeBack() {
      return takesBack(settings);
    },
    get checkHost() {
      return checksHost(settings);
    },
    isGone: (name) => isGone(settings, name),
    host: (name) => hostOf(settings, name),
  };
  try {
    if (method === "create" || method === "update" || method === "delete") gathering.addChange(method);
    const isOnHost = !ON_NO_HOST.includes(kind);
    const isLookUp = kind.startsWith("get");
    if (isOnHost && !isLookUp && (method === "read" || method === "delete") && isLost(context, properties)) {
      const text = "its host is lost for good: it leaves the state, and nobody contacts the host";
      progress.warn(inFullOnce(text, urn));
      return method === "read" ? {} : undefined;
    }
    if (isOnHost && method !== "check" && method !== "diff") {
      // While code is loaded.
      withHost(context, properties, (host) => host.logInAhead());
    }
    return await track(async () => run(kind, [method, args] as Call, context));
  } catch (error) {
    throw explained(error, kind, method, properties.__urn);
  } finally {
    await progress.end();
  }
}

const hostNameOf = ({ host }: Properties): string | undefined =>
  typeof host === "string" && host !== "" ? host : undefined;

const calledHost = (properties: Properties): string => {
  const name = hostNameOf(properties);
  return name === undefined ? "the host of esxi:host" : `"${name}"`;
};

const isLost = ({ isGone }: Context, properties: Properties): boolean =>
  isGone?.(hostNameOf(properties)) === true;

/** Does something with the resource's host; what is wrong with its settings is told by the operation that needs it. */
function withHost({ host }: Context, properties: Properties, use: (host: EsxiHost) => void): void {
  try {
    use(host(hostNameOf(properties)));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
  }
}

/**
 * Errors as people see them; one that Pulumi reads more than the message of stays what it is. Pulumi prints the stack of
 * some errors under the resource: that of our own named errors tells a user nothing, that of a defect is kept.
 */
function explained(error: unknown, kind: string, method: Call[0], urn: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof UnfinishedError) return error.saying(inFullOnce(error.message, urn));
  // A look-up is read by `pulumi up` too, with the configuration of today.
  const hint = kind.startsWith("get") ? undefined : savedConfigurationHint(error, method);
  const message = [messageWithHint(error), ...(hint === undefined ? [] : [hint])].join("\n");
  const shown = new Error(inFullOnce(message, urn), { cause: error });
  const isDefect = ["Error", "TypeError", "RangeError", "ReferenceError", "AssertionError"].includes(
    error.name,
  );
  shown.stack = printable((isDefect && error.stack) || "");
  return shown;
}

/** A resource that is replaced with what it builds on is checked as if it were new; before that its diff is asked. */
async function noteInState(olds: Properties, context: Context): Promise<void> {
  const { thisRunOn } = await import("./resources/preview/this-run.ts");
  withHost(context, olds, (host) => thisRunOn(host).noteInState(String(olds.__urn)));
}

async function run(kind: string, call: Call, context: Context): Promise<unknown> {
  const lifecycle = await lifecycleOf(kind);
  switch (call[0]) {
    case "check": {
      const [olds, { __madeHere: madeHere, ...news }] = call[1];
      firstRun.hadInputs(olds);
      const { inputs, failures } = await lifecycle.check(olds, news, context);
      // Given in previews only: an `up` hears the same from the host itself.
      const foreseen =
        Array.isArray(madeHere) && !ON_NO_HOST.includes(kind)
          ? await (await import("./resources/preview/foresee.ts")).foresee(
              { lifecycle, olds, inputs, found: failures, urn: String(news.__urn), madeHere },
              context,
            )
          : [];
      // With a property's name Pulumi would print its value beside it, a secret one too.
      const told = [...failures, ...foreseen].map(({ property, reason }) => ({
        property: "",
        reason: `${printable(property)}: ${inFullOnce(printable(reason), call[1][1].__urn)}`,
      }));
      return { inputs, failures: told };
    }
    case "diff": {
      const [id, olds, news] = call[1];
      if (ON_NO_HOST.includes(kind)) return lifecycle.diff(id, olds, news, context);
      await noteInState(olds, context);
      if (context.isRefresh === true || !(await isRenamedHost(olds, news, context)))
        return lifecycle.diff(id, olds, news, context);
      context.progress.info(`stays on its host, which is now called ${calledHost(news)}`);
      const result = await lifecycle.diff(id, { ...olds, host: news.host }, news, context);
      return { ...result, changes: true };
    }
    case "create": {
      const made = await lifecycle.create(...call[1], context);
      if (!ON_NO_HOST.includes(kind)) tellStack(firstRun.made());
      return made;
    }
    case "read":
      return lifecycle.read(...call[1], context);
    case "update": {
      const [id, olds, news] = call[1];
      // Another host would have replaced it.
      return lifecycle.update(id, { ...olds, host: news.host }, news, context);
    }
    case "delete":
      return lifecycle.delete(...call[1], context);
  }
}

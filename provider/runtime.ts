/**
 * What Pulumi's dynamic-provider process loads: the constant provider text calls {@link dispatch} for every operation
 * of every resource. State that an older release has written arrives here too.
 */
import { messageWithHint } from "./host/fault-hints.ts";
import { datastoreClone } from "./resources/datastore-clone.lifecycle.ts";
import { datastoreFile } from "./resources/datastore-file.lifecycle.ts";
import { datastoreFolder } from "./resources/datastore-folder.lifecycle.ts";
import { hostService } from "./resources/host-service.lifecycle.ts";
import type { Context, Lifecycle, Properties } from "./resources/lifecycle.ts";
import { getDatastore } from "./resources/look-ups/get-datastore.read.ts";
import { getHost } from "./resources/look-ups/get-host.read.ts";
import { getNetwork } from "./resources/look-ups/get-network.read.ts";
import { getVm } from "./resources/look-ups/get-vm.read.ts";
import { getVms } from "./resources/look-ups/get-vms.read.ts";
import { ovaDeployment } from "./resources/ova-deployment.lifecycle.ts";
import { portGroup } from "./resources/port-group.lifecycle.ts";
import { resourcePool } from "./resources/resource-pool.lifecycle.ts";
import { scratchVm } from "./resources/scratch-vm.lifecycle.ts";
import { UnfinishedError } from "./resources/unfinished-error.ts";
import { virtualSwitch } from "./resources/virtual-switch.lifecycle.ts";
import { vmSnapshot } from "./resources/vm-snapshot.lifecycle.ts";
import { hostOf } from "./runtime/host-pool.ts";
import type { StackConfig } from "./runtime/host-settings.ts";
import { progressFor } from "./runtime/progress.ts";
import { projectFolder } from "./runtime/project-folder.ts";
import { endOfRun, track } from "./runtime/shutdown.ts";

/** Lifecycles by the kind that a resource's class names. */
const LIFECYCLES: Readonly<Record<string, Lifecycle>> = {
  OvaDeployment: ovaDeployment,
  DatastoreClone: datastoreClone,
  ScratchVm: scratchVm,
  HostService: hostService,
  DatastoreFile: datastoreFile,
  DatastoreFolder: datastoreFolder,
  PortGroup: portGroup,
  ResourcePool: resourcePool,
  VirtualSwitch: virtualSwitch,
  VmSnapshot: vmSnapshot,
  getDatastore,
  getHost,
  getNetwork,
  getVm,
  getVms,
};

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
  const lifecycle = LIFECYCLES[kind];
  if (lifecycle === undefined) {
    throw new Error(
      `This release of pulumi-esxi-direct has no resource ${kind}. Was the stack made by a newer one?`,
    );
  }
  const properties = args[args.length - 1] as Properties;
  const progress = progressFor(typeof properties.__urn === "string" ? properties.__urn : undefined);
  const settings: StackConfig = config ?? { get: () => undefined };
  const context: Context = {
    progress,
    signal: endOfRun,
    projectFolder: projectFolder(),
    host: (name) => hostOf(settings, name),
  };
  try {
    return await track(() => run(lifecycle, [method, args] as Call, context));
  } catch (error) {
    throw explained(error);
  } finally {
    progress.end();
  }
}

/**
 * Errors as people see them; one that Pulumi reads more than the message of stays what it is. Pulumi prints the stack of
 * some errors under the resource: that of our own named errors tells a user nothing, that of a defect is kept.
 */
function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UnfinishedError) return error;
  const shown = new Error(messageWithHint(error), { cause: error });
  const isDefect = ["Error", "TypeError", "RangeError", "ReferenceError", "AssertionError"].includes(
    error.name,
  );
  shown.stack = (isDefect && error.stack) || "";
  return shown;
}

async function run(lifecycle: Lifecycle, call: Call, context: Context): Promise<unknown> {
  switch (call[0]) {
    case "check": {
      const { inputs, failures } = await lifecycle.check(...call[1], context);
      // With a property's name Pulumi would print its value beside it, a secret one too.
      const told = failures.map(({ property, reason }) => ({
        property: "",
        reason: `${property}: ${reason}`,
      }));
      return { inputs, failures: told };
    }
    case "diff":
      return lifecycle.diff(...call[1], context);
    case "create":
      return lifecycle.create(...call[1], context);
    case "read":
      return lifecycle.read(...call[1], context);
    case "update":
      return lifecycle.update(...call[1], context);
    case "delete":
      return lifecycle.delete(...call[1], context);
  }
}

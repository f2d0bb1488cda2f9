import type { ManagedObjectReference } from "../../../../schema/index.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import { HostError } from "../../../host/host-error.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { UnreadableVmError } from "../../../host/vm/reading/unreadable-vm.ts";
import { decodeVmName } from "../../../host/vm/reading/vm-name.ts";
import { resolveInterruptedCreate } from "../../../host/vm/unfinished/interrupted-create.ts";
import { isUnfinished } from "../../../host/vm/unfinished/remove-unfinished.ts";
import type { Context } from "../../frame/lifecycle.ts";
import { runOptions } from "../../frame/run-options.ts";
import { hintOfRename, TAKE_BACK } from "../../take-back/whose.ts";

/** Who wants the name, and for what. */
export interface Claim {
  readonly name: string;
  readonly urn: string;
  /** Digest of the inputs that only a new VM can change. */
  readonly digest: string;
}

/**
 * Makes sure that a name can be used for a new VM: nobody else's VM has it.
 *
 * @param remove Removes what such a create has left unfinished.
 * @returns The VM that an interrupted create of the very same resource has made already, if it is whole; with `takeBack` in
 * the context also one that was finished.
 * @throws HostError for any other VM of that name; nothing is ever taken over.
 */
export async function claimName(
  host: EsxiHost,
  claim: Claim,
  context: Context,
  remove: (vm: ObservedVm, signal: AbortSignal) => Promise<void>,
): Promise<ObservedVm | undefined> {
  const { signal } = context;
  const claimant = host.claimedNames.get(claim.name);
  if (claimant !== undefined && claimant !== claim.urn) {
    throw new HostError(
      `Two resources want a VM named "${claim.name}" on ${host.name}: this one and ${claimant}. ` +
        "Give one of them another `name`.",
    );
  }
  host.claimedNames.set(claim.name, claim.urn);
  // Many resources share the first look. A later look follows a failure, and must see what is there now.
  const looked = claimant === undefined ? host.vms.recentEntries() : host.vms.entries();
  const entries = (await looked).filter(({ encodedName }) => decodeVmName(encodedName) === claim.name);
  for (const entry of entries) {
    const vm = await host.vms.byReference(entry.ref).catch((error: unknown) => {
      throw error instanceof UnreadableVmError ? taken(host, claim, error.message) : error;
    });
    if (vm === undefined) continue;
    const stranger = madeByOther(host, claim, vm);
    const mark = vm.ownerMark;
    if (stranger || mark === undefined) throw stranger;
    if (!(await isUnfinished(host, vm, signal))) {
      // A copy made by hand has the original's mark and name. Nothing tells which of them an interrupted run has made.
      if (context.takeBack && entries.length > 1)
        throw taken(host, claim, `There are ${entries.length} of them.`);
      if (context.takeBack) return takeBack(host, claim, vm, mark.digest, context);
      throw finished(host, claim, vm);
    }
    if (mark.digest !== claim.digest) {
      throw taken(
        host,
        claim,
        `${vm.vmxPath} is what an interrupted run left of this resource with other inputs.`,
        GO_ON,
      );
    }
    if (entries.length > 1) {
      const also = `The host has ${entries.length} of that name, so one may be a copy by hand.`;
      throw taken(host, claim, `${vm.vmxPath} is what an interrupted run left of this resource. ${also}`);
    }
    if (await resolveInterruptedCreate(host, vm, { ...runOptions(context), remove })) return vm;
  }
  return undefined;
}

/**
 * What a create would say of the machines that have its name already. Undefined if only the create can say, because this
 * very resource has made one of them.
 * @param takesBack Whether what this resource has finished counts as its own too.
 */
export async function whoHasName(
  host: EsxiHost,
  claim: Pick<Claim, "name" | "urn">,
  refs: readonly ManagedObjectReference[],
  takesBack: boolean,
): Promise<HostError | undefined> {
  for (const ref of refs) {
    const vm = await host.vms.byReference(ref).catch((error: unknown) => {
      if (error instanceof UnreadableVmError) return taken(host, claim, error.message);
      throw error;
    });
    if (vm instanceof HostError) return vm;
    if (vm === undefined) continue;
    const stranger = madeByOther(host, claim, vm);
    if (stranger) return stranger;
    if (vm.ownerMark?.phase === "created" && !takesBack) return finished(host, claim, vm);
  }
  return undefined;
}

const finished = (host: EsxiHost, claim: Pick<Claim, "name">, { vmxPath }: ObservedVm): HostError =>
  taken(
    host,
    claim,
    `${vmxPath} was made by a resource of the same URN whose state this stack does not have. ${TAKE_BACK}`,
  );

/** @returns the error of a machine that another resource or another program has made */
function madeByOther(
  host: EsxiHost,
  claim: Pick<Claim, "name" | "urn">,
  { ownerMark: mark, vmxPath }: ObservedVm,
): HostError | undefined {
  if (mark === undefined) return taken(host, claim, `${vmxPath} was not made by pulumi-esxi-direct.`);
  if (mark.urn === claim.urn) return undefined;
  const moved = hintOfRename(mark.urn, claim.urn);
  return taken(host, claim, `${vmxPath} was made by the resource ${mark.urn}.${moved}`);
}

/**
 * A machine that this very resource made and finished before the state was lost.
 * @throws HostError if only a new machine could be what the program says now.
 */
function takeBack(
  host: EsxiHost,
  claim: Claim,
  vm: ObservedVm,
  digest: string,
  { progress }: Context,
): ObservedVm {
  if (digest !== claim.digest) {
    throw taken(
      host,
      claim,
      `${vm.vmxPath} was made by this resource, but the program now asks for what only a new machine can be.`,
    );
  }
  progress.info(`taking back "${vm.name}" (${vm.vmxPath}), which this resource made before`);
  return vm;
}

function taken(host: EsxiHost, { name }: Pick<Claim, "name">, why: string, way = takeOver(name)): HostError {
  return new HostError(
    `${host.name} has a VM named "${name}" already, and it is left alone. ${why} ${way}; else give this resource ` +
      "another `name`.",
  );
}

const takeOver = (name: string): string =>
  `To take it over as it is, set adopt: { name: ${JSON.stringify(name)} }`;

/** A machine that is only half made cannot be taken over. */
const GO_ON = "Run `pulumi up` with the inputs of that run, and it goes on";

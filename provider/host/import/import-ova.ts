import type { ManagedObjectReference, VirtualMachineImportSpec } from "../../../schema/index.ts";
import { HttpNfcLease, NfcError } from "../../nfc/index.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { isFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { claimingImages } from "../file-use/package-images.ts";
import { clearAway } from "../grace.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import { decodeVmName } from "../vm/reading/vm-name.ts";
import { isWorthAnotherLease } from "./import-retry.ts";
import { importSpec } from "./import-spec.ts";
import type { ImportOptions, OvaImport } from "./ova-import.ts";
import { pullFiles } from "./pull-files.ts";
import { refuseIfTooOld } from "./too-old.ts";
import { uploadFiles } from "./upload-files.ts";

/** How many leases are tried before a failed transfer counts as failed. */
const ATTEMPTS = 3;
/** After this time, a VM whose creation has begun is in the host's inventory, or will never be. */
const VISIBLE_WITHIN_MS = 10_000;

/**
 * Makes a VM from an OVA: one pass over each disk, directly from the source to the host. Digests are compared before
 * the host is told that everything is there. After any error the lease is aborted, and the host removes the VM.
 *
 * @returns The new VM, powered off.
 * @throws HostError, VimFault, NfcError, OvaReadError … with what was tried and what the host said.
 */
export async function importOva(
  host: EsxiHost,
  source: OvaSource,
  request: OvaImport,
  options: ImportOptions,
): Promise<ManagedObjectReference> {
  const { signal, onStatus } = options;
  if (host.transfers.isFull) onStatus(`waiting until ${host.name} has room for another upload`);
  return host.transfers.run(async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await importOnce(host, source, request, options);
      } catch (error) {
        signal.throwIfAborted();
        // An earlier ImportVApp may still be making a VM that was not visible before: its answer was lost, or its
        // process was killed.
        const isBeingMade = isFault(error, "DuplicateName");
        if (attempt === ATTEMPTS || !(isBeingMade || isWorthAnotherLease(error))) throw error;
        options.onWarning(
          `${messageOf(error)} Trying again with a new lease (${attempt + 1} of ${ATTEMPTS}).`,
        );
        if (isBeingMade) await untilVisible(host, request.name, signal);
        await options.beforeRetry();
      }
    }
  }, signal);
}

/** Waits until the host's inventory has a VM of that name. */
async function untilVisible(host: EsxiHost, name: string, signal: AbortSignal): Promise<void> {
  const { vmFolder } = await host.facts();
  const patience = AbortSignal.timeout(VISIBLE_WITHIN_MS);
  const either = AbortSignal.any([signal, patience]);
  while (!patience.aborted) {
    const entries = await host.vms.entries();
    if (entries.some(({ encodedName }) => decodeVmName(encodedName) === name)) return;
    const known = new Set(entries.map(({ ref }) => ref.value));
    await host.client.updates
      .watch(
        vmFolder,
        "Folder",
        ["childEntity"],
        ({ childEntity }) => childEntity?.some(({ value }) => !known.has(value)) || undefined,
        either,
      )
      .catch((error) => {
        if (!patience.aborted) throw error;
      });
  }
}

async function importOnce(
  host: EsxiHost,
  source: OvaSource,
  request: OvaImport,
  options: ImportOptions,
): Promise<ManagedObjectReference> {
  const { signal, onStatus } = options;
  if (request.pullFrom !== undefined) await refuseIfTooOld(host);
  onStatus("preparing the import");
  const { vmFolder, hostSystem } = await host.facts();
  const pool = await findResourcePool(host, request.resourcePool);
  const { spec, result } = await importSpec(host, source, request, pool, options);
  const claiming: VirtualMachineImportSpec = { ...spec, configSpec: claimingImages(spec.configSpec) };
  host.vms.forget();
  const leaseRef = await host.client.call(
    pool,
    "ImportVApp",
    { spec: claiming, folder: vmFolder, host: hostSystem },
    { signal },
  );
  const lease = new HttpNfcLease(host.client, leaseRef);
  try {
    const info = await lease.waitReady(signal);
    const job = { lease, info, fileItems: result.fileItem ?? [], source };
    const { name, pullFrom: location } = request;
    if (location === undefined) await uploadFiles(host, job, { signal, onStatus });
    else await pullFiles(host, { ...job, name, location }, { signal, onStatus });
    onStatus("completing the import");
    await lease.complete(signal);
    return info.entity;
  } catch (error) {
    // A host that runs out of space cuts the connection, and gives the reason on the lease.
    const reason = error instanceof NfcError ? await lease.failure(signal) : undefined;
    // If the host cannot be told, it ends the lease itself. The first error is the one to report.
    await clearAway(signal, () => lease.abort()).catch(() => {});
    throw reason ?? error;
  } finally {
    host.vms.forget();
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

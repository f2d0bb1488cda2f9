import type {
  ManagedObjectReference,
  OvfCreateImportSpecResult,
  VirtualMachineImportSpec,
} from "../../../schema/index.ts";
import { HttpNfcLease, NfcError } from "../../nfc/index.ts";
import { describeKey } from "../../ovf/descriptor/extra-config.ts";
import { descriptorForHost } from "../../ovf/descriptor/host-descriptor.ts";
import { relaxRefusals } from "../../ovf/relax/refusals.ts";
import { relaxed } from "../../ovf/relax/relax.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import { isFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findDatastore, findNetwork, findResourcePool, inNetworkMap } from "../inventory/placement.ts";
import { decodeVmName, encodeVmName } from "../vm/reading/vm-name.ts";
import { formatHardwareVersion, newestHardwareVersion } from "../vm/settings/hardware-version.ts";
import { mergeSpecs } from "../vm/settings/merge-specs.ts";
import type { ConfigWishes } from "../vm/settings/settings.ts";
import { specOfNew } from "../vm/settings/wishes.ts";
import { refusalsAmong, said } from "./host-refusals.ts";
import { isWorthAnotherLease } from "./import-retry.ts";
import { admitOptions } from "./ova-extra-config.ts";
import { pullFiles } from "./pull-files.ts";
import { disksOfOtherSize } from "./sized-disks.ts";
import { refuseIfTooOld } from "./too-old.ts";
import { uploadFiles } from "./upload-files.ts";

/** A fresh lease is tried so often before a failed transfer counts as failed. */
const ATTEMPTS = 3;
/** What was refused is changed so often: one change may bring up the next refusal. */
const RELAX_ROUNDS = 5;
/** By then a VM whose making has begun is in the host's inventory, or will not be there. */
const VISIBLE_WITHIN_MS = 10_000;

export interface OvaImport {
  readonly name: string;
  readonly datastore: string | undefined;
  readonly resourcePool: string | undefined;
  /** Port groups by the OVF's network names; a network that is not in it keeps its name. */
  readonly networkMap: Readonly<Record<string, string>>;
  /** Names of the OVF's networks that need a place on the host. */
  readonly ovfNetworks: readonly string[];
  readonly deploymentOption: string | undefined;
  readonly diskProvisioning: "thin" | "thick" | "eagerZeroedThick";
  /** Values of the OVF's properties that the host must know, by key: those that sizes of disks are taken from. */
  readonly propertyMapping: Readonly<Record<string, string>>;
  /** How large these disks are to be, in bytes, by the OVF's id of the disk. */
  readonly sizesByProperty: Readonly<Record<string, number>>;
  /** URL from which the host is to fetch the files by itself; undefined to have them sent. */
  readonly pullFrom: string | undefined;
  /** Whether the VM gets the advanced settings that the OVA brings. */
  readonly allowExtraConfig: boolean;
  /** Whether what the host refuses of the descriptor is changed until it takes it. */
  readonly relax: boolean;
  /** Set in the call that makes the VM; the owner mark and `guestinfo.ovfEnv` are among its `extraConfig`. */
  readonly settings: ConfigWishes;
}

export interface ImportOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
  /** Called before another lease is asked for, to clear away what a failed attempt may have left. */
  readonly beforeRetry: () => Promise<void>;
}

/**
 * Makes a VM from an OVA: one pass over each disk, straight from the source to the host, digests compared before the
 * host is told that all is there. Whatever way it fails, the lease is aborted and the host removes what there was.
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
        // An earlier ImportVApp, whose answer was lost or whose process was killed, makes a VM that could not be seen yet.
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
  host.vms.forget();
  const leaseRef = await host.client.call(
    pool,
    "ImportVApp",
    { spec, folder: vmFolder, host: hostSystem },
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
    // The host ends a lease that it cannot be told about by itself; what went wrong first is what matters.
    await clearAway(signal, () => lease.abort()).catch(() => {});
    throw reason ?? error;
  } finally {
    host.vms.forget();
  }
}

async function importSpec(
  host: EsxiHost,
  source: OvaSource,
  request: OvaImport,
  pool: ManagedObjectReference,
  { signal, onWarning }: ImportOptions,
): Promise<{ spec: VirtualMachineImportSpec; result: OvfCreateImportSpecResult }> {
  const { content, hostSystem, apiVersion } = await host.facts();
  const datastore = await findDatastore(host, request.datastore);
  const networkMapping = await Promise.all(
    request.ovfNetworks.map(async (name) =>
      create("OvfNetworkMapping", {
        name,
        network: await findNetwork(host, request.networkMap[name] ?? name, inNetworkMap(name)),
      }),
    ),
  );
  const { ovfManager } = content;
  if (!ovfManager) throw new HostError(`${host.name} offers no OVF import.`);
  const cisp = create("OvfCreateImportSpecParams", {
    locale: "",
    deploymentOption: request.deploymentOption ?? "",
    entityName: encodeVmName(request.name),
    hostSystem,
    networkMapping,
    diskProvisioning: request.diskProvisioning,
    propertyMapping: Object.entries(request.propertyMapping).map(([key, value]) =>
      create("KeyValue", { key, value }),
    ),
  });
  const ask = (ovfDescriptor: string) =>
    host.client.call(
      ovfManager,
      "CreateImportSpec",
      { ovfDescriptor, resourcePool: pool, datastore: datastore.ref, cisp },
      { signal },
    );
  const newest = formatHardwareVersion(newestHardwareVersion(apiVersion));
  let descriptor = descriptorForHost(request.relax ? relaxed(source.descriptor).xml : source.descriptor);
  let result = await ask(descriptor);
  for (let round = 0; request.relax && round < RELAX_ROUNDS && result.error?.length; round++) {
    const answer = relaxRefusals(descriptor, refusalsAmong(result.error), newest);
    if (answer.changes.length === 0) break;
    for (const change of answer.changes)
      onWarning(`changed for the host by relax: ${source.location}, ${change}.`);
    descriptor = answer.xml;
    result = await ask(descriptor);
  }
  if (result.error?.length || !result.importSpec) {
    const { changes, isWhole } = relaxRefusals(descriptor, refusalsAmong(result.error ?? []), newest);
    const hint = isWhole
      ? "this is changed for the host"
      : "some of this is changed for the host, the rest is not";
    throw new HostError(
      `${host.name} refuses ${source.location} for "${request.name}": ${said(result.error) || "it gave no reason"}. ` +
        `Nothing was created.${request.relax || changes.length === 0 ? "" : ` With relax: true ${hint}.`}`,
    );
  }
  if (result.warning?.length) onWarning(`${host.name} says of ${source.location}: ${said(result.warning)}.`);
  if (!isA(result.importSpec, "VirtualMachineImportSpec")) {
    throw new HostError(
      `${source.location} holds a vApp; a host without vCenter takes single virtual machines only.`,
    );
  }
  const others = disksOfOtherSize(result.importSpec.configSpec, request.sizesByProperty);
  if (others.length > 0) {
    throw new HostError(
      `${host.name} does not take the size of ${others.join(", ")} of ${source.location} from the properties that ` +
        `"${request.name}" was given. Nothing was created. Write the size into the descriptor (ovf:capacity), and ` +
        "remove its manifest.",
    );
  }
  return { spec: withSettings(result.importSpec, request, onWarning), result };
}

function withSettings(
  spec: VirtualMachineImportSpec,
  { name, settings, allowExtraConfig }: OvaImport,
  onWarning: (text: string) => void,
): VirtualMachineImportSpec {
  const { extraConfig = [], ...configSpec } = spec.configSpec;
  const { admitted, leftOut } = admitOptions(
    extraConfig,
    allowExtraConfig,
    Object.keys(settings.extraConfig ?? {}),
  );
  if (leftOut.length > 0) {
    onWarning(
      `"${name}" does not get these advanced settings of the OVA: ${leftOut.map(describeKey).join(", ")}. ` +
        "With allowExtraConfig: true it would.",
    );
  }
  const parts = [configSpec, { extraConfig: [...admitted] }, specOfNew(settings)];
  return { ...spec, configSpec: mergeSpecs(parts) };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

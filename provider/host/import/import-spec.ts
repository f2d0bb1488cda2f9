import type {
  ManagedObjectReference,
  OvfCreateImportSpecResult,
  VirtualMachineImportSpec,
} from "../../../schema/index.ts";
import { describeKey } from "../../ovf/descriptor/extra-config.ts";
import { descriptorForHost } from "../../ovf/descriptor/host-descriptor.ts";
import { relaxRefusals } from "../../ovf/relax/refusals.ts";
import { relaxed } from "../../ovf/relax/relax.ts";
import type { OvaSource } from "../../ovf/source/source.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { findDatastore, findNetwork, inNetworkMap } from "../inventory/named-places.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import { formatHardwareVersion, newestHardwareVersion } from "../vm/settings/hardware-version.ts";
import { mergeSpecs } from "../vm/settings/merge-specs.ts";
import { specOfNew } from "../vm/settings/wishes.ts";
import { refusalsAmong, said } from "./host-refusals.ts";
import { admitOptions } from "./ova-extra-config.ts";
import type { ImportOptions, OvaImport } from "./ova-import.ts";
import { disksOfOtherSize } from "./sized-disks.ts";

/** How often refused parts are changed, because one change may lead to the next refusal. */
const RELAX_ROUNDS = 5;

/** The part of an import that decides how the host reads the descriptor. */
export type ImportQuestion = Omit<OvaImport, "pullFrom" | "allowExtraConfig" | "settings">;

/** What a host makes of a descriptor. */
interface Reading {
  readonly result: OvfCreateImportSpecResult;
  /** The host's reasons, without a full stop. Undefined if it takes the descriptor. */
  readonly refusal: string | undefined;
  /** What `relax: true` would do about the refusal, as a sentence with a space before it. */
  readonly hint: string;
}

/** The host's reading of a descriptor: the machine, and the files that it needs. Nothing is changed on the host. */
export async function importSpec(
  host: EsxiHost,
  source: OvaSource,
  request: OvaImport,
  pool: ManagedObjectReference,
  { signal, onWarning }: Pick<ImportOptions, "signal" | "onWarning">,
): Promise<{ spec: VirtualMachineImportSpec; result: OvfCreateImportSpecResult }> {
  const { result, refusal, hint } = await readDescriptor(host, source, request, pool, { signal, onWarning });
  if (refusal !== undefined) {
    throw new HostError(
      `${host.name} refuses ${source.location} for "${request.name}": ${refusal}. Nothing was created.${hint}`,
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

/** Asks a host what it makes of a descriptor, with the changes of `relax` as long as they help. */
export async function readDescriptor(
  host: EsxiHost,
  source: OvaSource,
  request: ImportQuestion,
  pool: ManagedObjectReference,
  { signal, onWarning }: Pick<ImportOptions, "signal" | "onWarning">,
): Promise<Reading> {
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
  if (!ovfManager) {
    throw new HostError(
      `${host.name} offers no OVF import: its API has no OvfManager, which every ESXi host has. Is esxi:host an ESXi host?`,
    );
  }
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
  if (!result.error?.length && result.importSpec) return { result, refusal: undefined, hint: "" };
  const { changes, isWhole } = relaxRefusals(descriptor, refusalsAmong(result.error ?? []), newest);
  const rest = isWhole
    ? "this is changed for the host"
    : "some of this is changed for the host, the rest is not";
  return {
    result,
    refusal: said(result.error) || "it gave no reason",
    hint: request.relax || changes.length === 0 ? "" : ` With relax: true ${rest}.`,
  };
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

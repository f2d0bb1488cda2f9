/**
 * OvfManager.CreateImportSpec: makes the spec of the VM and the list of files from a descriptor and the client's
 * wishes.
 */
import type {
  ManagedObjectReference,
  OvfCreateImportSpecParams,
  OvfCreateImportSpecResult,
  VirtualMachineConfigSpec,
  VirtualMachineImportSpec,
} from "../../schema/index.ts";
import { formatDatastorePath } from "../datastore/path.ts";
import { chooseConfiguration } from "./descriptor/deployment-option.ts";
import {
  invalidParameter,
  invalidVmName,
  Problems,
  unknownNetwork,
  xmlFormat,
} from "./descriptor/descriptor-faults.ts";
import { readGuestId } from "./descriptor/guest-of-descriptor.ts";
import { OVF_NAMESPACES, ovfAttribute, ovfChild } from "./descriptor/namespaces.ts";
import { checkEnvelope, checkSections } from "./descriptor/ovf-envelope.ts";
import { propertyValues, readProperties } from "./descriptor/properties.ts";
import { type References, readReferences } from "./descriptor/references.ts";
import { XmlError } from "./descriptor/xml-error.ts";
import { parseXml, type XmlElement } from "./descriptor/xml-with-lines.ts";
import { addDevices, chooseHardware, readItems } from "./hardware/hardware.ts";
import { ImportContext } from "./import-context.ts";
import type { ImportHost } from "./import-host.ts";
import { setMemory, setProcessor } from "./processor.ts";
import { chooseDiskBacking } from "./provisioning.ts";
import { applySettings } from "./settings.ts";

const MAX_NAME_LENGTH = 80;

/**
 * Never throws because of a client's input. Errors in the descriptor or the parameters are in the result's `error`, and
 * then it has neither spec nor files. The host's own choices are in `warning`.
 */
export function createImportSpec(
  descriptor: string,
  params: OvfCreateImportSpecParams,
  host: ImportHost,
): OvfCreateImportSpecResult {
  const problems = new Problems();
  const made = parse(descriptor, params, host, problems);
  const warning = problems.warnings.length === 0 ? {} : { warning: problems.warnings };
  if (made === undefined || problems.errors.length > 0) {
    return { $type: "OvfCreateImportSpecResult", ...warning, error: problems.errors };
  }
  return { $type: "OvfCreateImportSpecResult", ...made, ...warning };
}

type Made = Pick<OvfCreateImportSpecResult, "importSpec" | "fileItem">;

function parse(
  descriptor: string,
  params: OvfCreateImportSpecParams,
  host: ImportHost,
  problems: Problems,
): Made | undefined {
  try {
    const envelope = parseEnvelope(descriptor);
    const system = checkEnvelope(envelope, problems);
    return system === undefined ? undefined : build(envelope, system, params, host, problems);
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    problems.error(xmlFormat(cause.line, cause.message));
    return undefined;
  }
}

/** Some tools declare the namespace with a prefix only, and then write elements without the prefix. */
function parseEnvelope(descriptor: string): XmlElement {
  const plain = parseXml(descriptor);
  const isBare = [plain, ...plain.children].some(({ namespace }) => namespace === "");
  const declared = OVF_NAMESPACES.find((one) => descriptor.includes(`"${one}"`));
  return isBare && declared !== undefined ? parseXml(descriptor, declared) : plain;
}

function build(
  envelope: XmlElement,
  system: XmlElement,
  params: OvfCreateImportSpecParams,
  host: ImportHost,
  problems: Problems,
): Made | undefined {
  checkSections(envelope, system, problems);
  const configuration = chooseConfiguration(envelope, params.deploymentOption, problems);
  const properties = readProperties(system, configuration, problems);
  const values = propertyValues(properties, params.propertyMapping ?? [], problems);
  const lookup = (name: string) => {
    const property = properties.get(name) ?? [...properties.values()].find(({ id }) => id === name);
    return values.get(property?.key ?? name);
  };
  const references = readReferences(envelope, lookup, problems);
  const vmName = chooseName(system, params.entityName, problems);
  const hardware = chooseHardware(system, configuration, host.maxHardwareVersion, problems);
  const context = new ImportContext({
    vmName,
    host,
    hardwareVersion: Number(/\d+$/.exec(hardware?.version ?? "")?.[0] ?? host.maxHardwareVersion),
    references,
    diskBacking: chooseDiskBacking(params.diskProvisioning, problems),
    networkMapping: readNetworkMapping(params, references, host, problems),
    problems,
  });
  if (hardware === undefined) return undefined;

  const spec: VirtualMachineConfigSpec = {
    $type: "VirtualMachineConfigSpec",
    name: vmName,
    version: hardware.version ?? `vmx-${String(host.maxHardwareVersion).padStart(2, "0")}`,
    guestId: readGuestId(system, problems),
    ...readAnnotation(system),
    files: {
      $type: "VirtualMachineFileInfo",
      vmPathName: formatDatastorePath({ datastore: host.datastore.name, path: "" }),
    },
  };
  const items = readItems(hardware.section, configuration, problems);
  setProcessor(spec, items, problems);
  setMemory(spec, items, problems);
  addDevices(context, items);
  applySettings(context, spec, hardware.section);
  spec.deviceChange = context.changes;
  const importSpec: VirtualMachineImportSpec = {
    $type: "VirtualMachineImportSpec",
    configSpec: spec,
    ...(host.resourcePool === undefined ? {} : { resPoolEntity: host.resourcePool }),
  };
  return { importSpec, fileItem: context.fileItems };
}

/** The requested name, otherwise the descriptor's name for the VM, otherwise its id. */
function chooseName(system: XmlElement, entityName: string, problems: Problems): string {
  const own = ovfChild(system, "Name")?.text.trim() || (ovfAttribute(system, "id") ?? "");
  const name = entityName === "" ? own : entityName;
  if (name === "" || [...name].length > MAX_NAME_LENGTH) problems.error(invalidVmName(name));
  return name;
}

function readAnnotation(system: XmlElement): { annotation?: string } {
  const section = ovfChild(system, "AnnotationSection");
  const annotation = section && ovfChild(section, "Annotation")?.text.trim();
  return annotation ? { annotation } : {};
}

function readNetworkMapping(
  params: OvfCreateImportSpecParams,
  references: References,
  host: ImportHost,
  problems: Problems,
): Map<string, ManagedObjectReference> {
  const mapping = new Map<string, ManagedObjectReference>();
  for (const { name, network } of params.networkMapping ?? []) {
    if (!references.networks.has(name)) {
      problems.error(invalidParameter("networkMapping", `the OVF package has no network '${name}'`));
    } else if (!host.networks.some(({ moref }) => moref.value === network.value)) {
      problems.error(unknownNetwork(network));
    } else mapping.set(name, network);
  }
  return mapping;
}

/** The outermost part of a descriptor: its kind, and whether all of its sections are known. */
import {
  missingAttribute,
  missingElement,
  type Problems,
  unexpectedElement,
  unsupportedElement,
  unsupportedSection,
  wrongNamespace,
} from "./descriptor-faults.ts";
import { isOvf, isRequired, ovfAttribute, ovfChild, ovfChildren } from "./namespaces.ts";
import { UNDECLARED, type XmlElement } from "./xml-with-lines.ts";

const ENVELOPE_PARTS = new Set([
  "References",
  "DiskSection",
  "NetworkSection",
  "DeploymentOptionSection",
  "VirtualSystem",
  "Strings",
]);
const SYSTEM_PARTS = new Set([
  "Info",
  "Name",
  "AnnotationSection",
  "EulaSection",
  "InstallSection",
  "OperatingSystemSection",
  "ProductSection",
  "VirtualHardwareSection",
]);
/** VMware's own sections that a host knows but does not use. */
const VMWARE_SECTIONS = new Set([
  "BootOrderSection",
  "IpAssignmentSection",
  "StorageSection",
  "StorageGroupSection",
]);
const VMW_NAMESPACE = "http://www.vmware.com/schema/ovf";

/** The one virtual system of a descriptor. Undefined, with the fault in `problems`, if a host does not accept it. */
export function checkEnvelope(envelope: XmlElement, problems: Problems): XmlElement | undefined {
  if (envelope.name !== "Envelope") {
    problems.error(unexpectedElement(envelope));
    return undefined;
  }
  if (!isOvf(envelope)) {
    problems.error(wrongNamespace(envelope, envelope.namespace));
    return undefined;
  }
  const collection = ovfChild(envelope, "VirtualSystemCollection");
  if (collection !== undefined) {
    // vApps need vCenter.
    problems.error(unsupportedElement(collection));
    return undefined;
  }
  const [system, second] = ovfChildren(envelope, "VirtualSystem");
  if (system === undefined) problems.error(missingElement(envelope, "VirtualSystem"));
  else if (ovfAttribute(system, "id") === undefined) problems.error(missingAttribute(system, "id"));
  if (second !== undefined) problems.error(unexpectedElement(second));
  return system;
}

/** Finds sections that a host does not know. That is an error, or a warning if the descriptor does not require them. */
export function checkSections(envelope: XmlElement, system: XmlElement, problems: Problems): void {
  check(envelope, ENVELOPE_PARTS, problems);
  check(system, SYSTEM_PARTS, problems);
}

function check(parent: XmlElement, known: ReadonlySet<string>, problems: Problems): void {
  for (const child of parent.children) {
    if (isOvf(child) && known.has(child.name)) continue;
    if (child.namespace === VMW_NAMESPACE && VMWARE_SECTIONS.has(child.name)) continue;
    if (child.namespace === UNDECLARED || isStrings(child)) continue;
    problems.report(isRequired(child), unsupportedSection(child, ovfChild(child, "Info")?.text.trim() ?? ""));
  }
}

/** Texts in other languages had their own namespace once. */
const isStrings = ({ name, namespace }: XmlElement): boolean =>
  name === "Strings" && /^http:\/\/schemas?\.dmtf\.org\/ovf\/strings\/1$/.test(namespace);

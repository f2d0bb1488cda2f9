import { cim } from "../descriptor/hardware-items.ts";
import { attribute, type XmlElement } from "../xml/xml.ts";
import { OvfDocument } from "./document.ts";
import { applyEdits } from "./edits.ts";
import { familyChange } from "./family-change.ts";
import { findPlaces } from "./find-drive-places.ts";
import type { EditableFinding } from "./finding.ts";
import { leftOut, named } from "./foreign-devices.ts";
import { field, type Item, itemsOf, RESOURCE } from "./items.ts";

/** A part of a descriptor that a host has refused. */
export interface Refusal {
  /** The fault's type, such as `OvfUnsupportedType`. */
  readonly fault: string;
  readonly line: number;
  /** The element in the fault. Empty if the fault is about an item. */
  readonly element: string;
  /** The hardware item in the fault. Empty if the fault is about something else. */
  readonly instanceId: string;
}

interface Answer {
  readonly xml: string;
  /** Clauses, such as `line 12: …: it becomes vmx-19`. */
  readonly changes: readonly string[];
  /** Whether each refusal was answered by a change. */
  readonly isWhole: boolean;
}

/**
 * Changes the parts of a descriptor that a host has refused. A part is only changed or left out if the result is still
 * the intended machine. Each line keeps its number.
 *
 * @param newestFamily The newest virtual hardware of the host, such as `vmx-19`.
 */
export function relaxRefusals(xml: string, refusals: readonly Refusal[], newestFamily: string): Answer {
  const document = new OvfDocument(xml.replace(/^\uFEFF/, ""));
  const answers = refusals.map((refusal) => answerTo(document, refusal, newestFamily));
  const findings = answers.flat();
  const changed = applyEdits(
    document.xml,
    findings.flatMap(({ edits }) => edits),
  );
  return {
    xml: findings.length === 0 ? xml : placedAnew(changed),
    changes: findings.map(({ line, what, change }) => `line ${line}: ${what}: ${change}`),
    isWhole: answers.every((answer) => answer.length > 0),
  };
}

/** Another controller has other places for its drives. */
function placedAnew(xml: string): string {
  const document = new OvfDocument(xml);
  const sections = [...document.elements()].filter(({ name }) => name === "VirtualHardwareSection");
  const edits = sections.flatMap((section) => findPlaces(document, section)).flatMap((found) => found.edits);
  return edits.length === 0 ? xml : applyEdits(xml, edits);
}

function answerTo(
  document: OvfDocument,
  { fault, line, element, instanceId }: Refusal,
  newestFamily: string,
): readonly EditableFinding[] {
  switch (fault) {
    case "OvfNoSupportedHardwareFamily":
      return otherFamily(document, line, newestFamily);
    case "OvfUnsupportedType":
    case "OvfUnsupportedSubType":
      return itemsAt(document, instanceId, line).flatMap((item) => otherDevice(document, item));
    case "OvfUnsupportedSection":
      return at(document, line, element).flatMap((section) => optional(document, section, "the section"));
    case "OvfMissingElement":
      return element === "Parent" ? lackingController(document, line) : [];
    case "OvfUnsupportedElement":
    case "OvfInvalidValueFormatMalformed":
      return at(document, line, element)
        .filter(({ name }) => name === "Config" || name.endsWith("Item"))
        .flatMap((found) =>
          optional(document, found, found.name === "Config" ? "the setting" : "the device"),
        );
    default:
      return [];
  }
}

const at = (document: OvfDocument, line: number, name: string): readonly XmlElement[] =>
  [...document.elements()].filter((element) => element.name === name && document.line(element) === line);

function itemsAt(document: OvfDocument, instanceId: string, line: number): readonly Item[] {
  const sections = [...document.elements()].filter(({ name }) => name === "VirtualHardwareSection");
  const all = sections.flatMap(itemsOf).filter((item) => item.instanceId === instanceId);
  const exactly = all.filter(({ element }) => document.line(element) === line);
  return exactly.length > 0 ? exactly : all;
}

function lackingController(document: OvfDocument, line: number): readonly EditableFinding[] {
  const sections = [...document.elements()].filter(({ name }) => name === "VirtualHardwareSection");
  return sections.flatMap((section) => findPlaces(document, section)).filter((found) => found.line === line);
}

function otherFamily(document: OvfDocument, line: number, newest: string): readonly EditableFinding[] {
  const families = [...document.elements()].filter(
    (element) => element.name === "VirtualSystemType" && element.text.trim() !== newest,
  );
  const family = families.find((element) => document.line(element) === line) ?? families[0];
  if (family === undefined) return [];
  const { what, change } = familyChange(family.text.trim(), newest);
  return [found(document, family, what, change, document.setText(family, newest))];
}

/** The next best device of its kind that every host has. If there is none, the machine is made without it. */
function otherDevice(document: OvfDocument, item: Item): readonly EditableFinding[] {
  const written = field(item, "ResourceSubType");
  const type = field(item, "ResourceType");
  const sort = written?.text.trim() || `device type ${item.resourceType}`;
  const what = `it has ${named(item)} (${sort}), which this host does not have`;
  const becomes = (subType: string, resourceType: string, called: string): readonly EditableFinding[] => {
    if (type === undefined) return [];
    const other = document.setText(type, resourceType);
    const tag = `${document.prefix(type)}ResourceSubType`;
    const sub =
      written === undefined
        ? document.insertBefore(type, `<${tag}>${subType}</${tag}>`)
        : document.setText(written, subType);
    return [found(document, item.element, what, `it becomes ${called}`, [...other, ...sub])];
  };
  const is = (subType: string) => item.subTypes.includes(subType);
  switch (item.resourceType) {
    case RESOURCE.ethernet:
      return is("e1000") ? [] : becomes("E1000", RESOURCE.ethernet, "an E1000 adapter");
    case RESOURCE.storage:
      return item.subTypes.some((one) => one.includes("nvme"))
        ? becomes("vmware.sata.ahci", RESOURCE.storage, "a SATA controller")
        : becomes("lsilogic", RESOURCE.scsi, "a SCSI controller (LSI Logic)");
    case RESOURCE.scsi:
      return is("lsilogic") ? [] : becomes("lsilogic", RESOURCE.scsi, "a SCSI controller (LSI Logic)");
    default:
      return item.required ? [leftOut(document, item, what)] : [];
  }
}

/** A part that is not required may be ignored by the host. */
function optional(document: OvfDocument, element: XmlElement, kind: string): readonly EditableFinding[] {
  if (attribute(element, document.root.namespace, "required") === "false") return [];
  const key = element.attributes.find(({ name }) => name === "key")?.value;
  const called = key ?? (cim(element, "ElementName") || element.name);
  const prefix = `xmlns:relaxed="${document.root.namespace}" relaxed:required`;
  const edits = document.setAttribute(element, "required", "false", prefix);
  const what = `it requires ${kind} ${called}, which this host does not know`;
  return [found(document, element, what, "the machine is made without it", edits)];
}

function found(
  document: OvfDocument,
  element: XmlElement,
  what: string,
  change: string,
  edits: EditableFinding["edits"],
): EditableFinding {
  return { line: document.line(element), what, change, isRefused: true, options: undefined, edits };
}

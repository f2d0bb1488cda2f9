import { draftName, OVF_1 } from "../descriptor/envelope.ts";
import { cim, itemElements } from "../descriptor/hardware-items.ts";
import { attribute, escapeXml, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { Edit } from "./edits.ts";
import type { EditableFinding } from "./finding.ts";

const XSI = "http://www.w3.org/2001/XMLSchema-instance";

/** What the drafts call every section and every machine: what it is says its type. */
const TYPED: readonly string[] = ["Section", "Content"];

/**
 * Writes a draft of OVF as OVF 1: the drafts have sections that only a type tells apart
 * (`<Section xsi:type="ovf:DiskSection_Type">`), most of them another namespace, `InstanceId`, and items without a name.
 */
export function findDraft(document: OvfDocument): readonly EditableFinding[] {
  const { root } = document;
  const ns = root.namespace;
  const draft = draftName(ns);
  const typed = root.children.find(({ name, namespace }) => namespace === ns && TYPED.includes(name));
  if (draft === undefined && (ns !== OVF_1 || typed === undefined)) return [];
  const how =
    draft === undefined
      ? `<${typed?.name}> and its type are what OVF 1.0 names by itself`
      : `namespace ${ns}`;
  const isBare = !/\sxmlns\s*=/.test(document.startTag(root));
  const edits: Edit[] = [];
  for (const element of document.elements()) {
    const added = element === root && isBare ? `xmlns="${OVF_1}"` : undefined;
    edits.push(...inNamespace(document, element, ns, added));
    if (element.namespace === ns) edits.push(...itemNames(document, element));
  }
  return [
    {
      line: document.line(root),
      what: `it is of a draft of ${draft ?? "OVF 1.0"} (${how}), and a host takes OVF 1`,
      change: "it is read as OVF 1",
      isRefused: true,
      options: undefined,
      edits,
    },
  ];
}

/** A tag with its type as its name, and the namespace of OVF 1 where it declares the draft's. */
function inNamespace(
  document: OvfDocument,
  element: XmlElement,
  namespace: string,
  added: string | undefined,
): readonly Edit[] {
  const isTyped = element.namespace === namespace && TYPED.includes(element.name);
  const written = isTyped ? (attribute(element, XSI, "type") ?? "") : "";
  const type = /(?:^|:)(\w{1,100}?)(?:_Type)?$/.exec(written.trim())?.[1];
  const name = type ?? (element.name === "InstanceId" ? "InstanceID" : undefined);
  return document.retag(
    element,
    name === undefined ? undefined : `${document.prefix(element)}${name}`,
    ({ name: attributeName, prefix, value }) => {
      if (type !== undefined && attributeName === "type") return undefined;
      const isDeclaration = prefix === "xmlns" || (prefix === "" && attributeName === "xmlns");
      return isDeclaration && value === namespace ? OVF_1 : value;
    },
    added,
  );
}

/** Items of OVF 1 have a name; those of the drafts have a caption, and a number of the bus that no host knows. */
function itemNames(document: OvfDocument, section: XmlElement): readonly Edit[] {
  return itemElements(section).flatMap((item) => {
    const bus = item.children.find(({ name }) => name === "BusNumber");
    const edits = bus === undefined ? [] : document.remove(bus);
    const instance = item.children.find(({ name }) => name === "InstanceId");
    if (cim(item, "ElementName") !== "" || instance === undefined) return edits;
    const caption = cim(item, "Caption") || cim(item, "Description") || `item ${instance.text.trim()}`;
    const qname = `${document.prefix(instance)}ElementName`;
    return [...edits, ...document.insertAfter(instance, `<${qname}>${escapeXml(caption)}</${qname}>`)];
  });
}

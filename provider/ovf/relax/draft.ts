import { cim, itemElements } from "../descriptor/hardware-items.ts";
import { draftName, OVF_1 } from "../descriptor/ovf-envelope.ts";
import { attribute, escapeXml, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { Edit } from "./edits.ts";
import type { EditableFinding } from "./finding.ts";

const XSI = "http://www.w3.org/2001/XMLSchema-instance";

/** The names of every section and every machine in the drafts. Their types say what they are. */
const TYPED: readonly string[] = ["Section", "Content"];

/**
 * Rewrites a draft of OVF as OVF 1. The drafts have sections that only a type tells apart
 * (`<Section xsi:type="ovf:DiskSection_Type">`), usually another namespace, `InstanceId`, and items without a name.
 */
export function findDraft(document: OvfDocument): readonly EditableFinding[] {
  const { root } = document;
  const ns = root.namespace;
  const draft = draftName(ns);
  const typed = root.children.find(({ name, namespace }) => namespace === ns && TYPED.includes(name));
  if (draft === undefined && (ns !== OVF_1 || typed === undefined)) return [];
  const how =
    draft === undefined
      ? `<${typed?.name}> with a type is written by its own name in OVF 1.0`
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
      what: `it is of a draft of ${draft ?? "OVF 1.0"} (${how}), and a host accepts OVF 1`,
      change: "it is read as OVF 1",
      isRefused: true,
      options: undefined,
      edits,
    },
  ];
}

/** A tag with its type as its name. If it declares the draft's namespace, it gets that of OVF 1. */
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

/** Items of OVF 1 have a name. Items of the drafts have a caption, and a bus number that no host knows. */
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

import { parseXml, type XmlElement } from "../xml/xml.ts";
import { OvfDescriptorError } from "./ovf-descriptor-error.ts";

/** The largest descriptor that is read, in bytes. Real ones have some tens of kilobytes. */
export const MAX_DESCRIPTOR_BYTES = 4 * 1024 * 1024;

export const OVF_1 = "http://schemas.dmtf.org/ovf/envelope/1";
export const OVF_2 = "http://schemas.dmtf.org/ovf/envelope/2";
export const VMW = "http://www.vmware.com/schema/ovf";
export const RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";

/** Namespaces from before OVF 1.0: VMware's own, which is OVF 0.9, and those of the standard's drafts. */
const DRAFT = /^http:\/\/(?:www\.vmware\.com\/schema|schemas\.dmtf\.org)\/ovf\/(?:\d[\w.]{0,20}\/)?envelope$/;

/** The name of a draft of OVF, by its namespace. Undefined for everything else. */
export function draftName(namespace: string): string | undefined {
  if (!DRAFT.test(namespace)) return undefined;
  return namespace.includes("vmware.com") ? "OVF 0.9" : "OVF 1.0";
}

/**
 * The root of a descriptor. Some tools declare OVF's namespace with a prefix only, and then write elements without the
 * prefix. In the drafts the schema itself is so.
 * @throws OvfDescriptorError if it is too large, or not well-formed XML
 */
export function parseEnvelope(xml: string): XmlElement {
  if (Buffer.byteLength(xml) > MAX_DESCRIPTOR_BYTES) {
    throw new OvfDescriptorError(`the descriptor is larger than ${MAX_DESCRIPTOR_BYTES / 2 ** 20} MiB`);
  }
  const root = parseXml(xml);
  const isBare = root.namespace === "" || root.children.some(({ namespace }) => namespace === "");
  const meant = isBare ? declaredNamespaces(xml).find(isEnvelope) : undefined;
  return meant === undefined ? root : parseXml(xml, meant);
}

const isEnvelope = (namespace: string): boolean =>
  namespace === OVF_1 || namespace === OVF_2 || draftName(namespace) !== undefined;

function declaredNamespaces(xml: string): readonly string[] {
  const declared = xml.matchAll(/\bxmlns(?::[^\s=]{1,100})?\s{0,9}=\s{0,9}["']([^"'<]{1,200})["']/g);
  return [...declared].map(([, namespace = ""]) => namespace);
}

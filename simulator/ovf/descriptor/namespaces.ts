/** Elements and attributes of an OVF descriptor by their namespaces. */
import type { XmlElement } from "./xml-with-lines.ts";

/** OVF 1.x and 2.x. */
export const OVF_NAMESPACES: readonly string[] = [
  "http://schemas.dmtf.org/ovf/envelope/1",
  "http://schemas.dmtf.org/ovf/envelope/2",
];
const VMW_NAMESPACE = "http://www.vmware.com/schema/ovf";
/** The setting data of CIM: RASD and VSSD, and in OVF 2 SASD and EPASD. */
const CIM_NAMESPACE_PREFIX = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_";

export function isOvf(element: XmlElement): boolean {
  return OVF_NAMESPACES.includes(element.namespace);
}

export function ovfChildren(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && isOvf(child));
}

export function ovfChild(element: XmlElement, name: string): XmlElement | undefined {
  return ovfChildren(element, name)[0];
}

export function vmwChildren(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && child.namespace === VMW_NAMESPACE);
}

export function cimChildren(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter(
    (child) => child.name === name && child.namespace.startsWith(CIM_NAMESPACE_PREFIX),
  );
}

/** An attribute of OVF. The schema wants a prefix. Some of VMware's own packages have none, and hosts accept them. */
export function ovfAttribute(element: XmlElement, name: string): string | undefined {
  const candidates = element.attributes.filter((item) => item.name === name);
  const qualified = candidates.find(({ namespace }) => OVF_NAMESPACES.includes(namespace));
  return (qualified ?? candidates.find(({ namespace }) => namespace === ""))?.value;
}

export function vmwAttribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((item) => item.name === name && item.namespace === VMW_NAMESPACE)?.value;
}

/** An unknown part may be left out only if the descriptor says so. */
export function isRequired(element: XmlElement): boolean {
  const required = ovfAttribute(element, "required");
  return required !== "false" && required !== "0";
}

/** True if the element is part of the chosen deployment option. */
export function isInConfiguration(element: XmlElement, configuration: string | undefined): boolean {
  const names = ovfAttribute(element, "configuration");
  if (names === undefined) return true;
  return configuration !== undefined && names.split(/\s+/).includes(configuration);
}

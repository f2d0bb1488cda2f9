/** Deployment options: the configurations of a descriptor, of which one is chosen. */
import {
  invalidAttributeValue,
  invalidParameter,
  missingAttribute,
  type Problems,
} from "./descriptor-faults.ts";
import { ovfAttribute, ovfChild, ovfChildren } from "./namespaces.ts";
import type { XmlElement } from "./xml-with-lines.ts";

/**
 * The id of the configuration to use: the wanted one, otherwise the default, otherwise the first. Undefined if the
 * descriptor has none.
 *
 * @param wanted empty for no particular one
 */
export function chooseConfiguration(
  envelope: XmlElement,
  wanted: string,
  problems: Problems,
): string | undefined {
  const section = ovfChild(envelope, "DeploymentOptionSection");
  const configurations = section === undefined ? [] : ovfChildren(section, "Configuration");
  const ids = configurations.map((element) => {
    const id = ovfAttribute(element, "id");
    if (id === undefined) problems.error(missingAttribute(element, "id"));
    return id;
  });
  if (wanted !== "") {
    if (!ids.includes(wanted)) problems.error(unknownOption(section, wanted));
    return wanted;
  }
  const isDefault = configurations.findIndex((element) =>
    ["true", "1"].includes(ovfAttribute(element, "default") ?? ""),
  );
  return ids[Math.max(0, isDefault)];
}

function unknownOption(section: XmlElement | undefined, wanted: string) {
  return section === undefined
    ? invalidParameter("deploymentOption", `the OVF package has no deployment option '${wanted}'`)
    : invalidAttributeValue("OvfInvalidValueConfiguration", section, "configuration", wanted);
}

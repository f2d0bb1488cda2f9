/** Deployment options: a descriptor's configurations, of which one is chosen. */
import { invalidAttributeValue, invalidParameter, missingAttribute, type Problems } from "./faults.ts";
import { ovfAttribute, ovfChild, ovfChildren } from "./namespaces.ts";
import type { XmlElement } from "./xml.ts";

/**
 * The id of the configuration that holds: the wanted one, else the default, else the first; undefined if the descriptor
 * has none.
 *
 * @param wanted empty for none in particular
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

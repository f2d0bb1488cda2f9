import { cim, itemElements } from "../descriptor/hardware-items.ts";
import { attribute, childNamed, childrenNamed, escapeXml, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";

/**
 * Declares networks that adapters are on but that the descriptor does not declare. Hosts refuse such adapters,
 * VirtualBox does not.
 */
export function findNetworks(document: OvfDocument): readonly EditableFinding[] {
  const { root } = document;
  const ns = root.namespace;
  const system = childNamed(root, ns, "VirtualSystem");
  if (system === undefined) return [];
  const section = childNamed(root, ns, "NetworkSection");
  const declared = new Set(
    (section === undefined ? [] : childrenNamed(section, ns, "Network")).map((network) =>
      attribute(network, ns, "name"),
    ),
  );
  const missing = new Map<string, XmlElement>();
  for (const hardware of childrenNamed(system, ns, "VirtualHardwareSection")) {
    for (const item of itemElements(hardware)) {
      const network = cim(item, "Connection");
      if (network !== "" && !declared.has(network) && !missing.has(network)) missing.set(network, item);
    }
  }
  if (missing.size === 0) return [];
  const prefix = document.prefix(section ?? system);
  const written = [...missing.keys()]
    .map((name) => `<${prefix}Network xmlns:relaxed="${ns}" relaxed:name="${escapeXml(name)}"/>`)
    .join("");
  const edits =
    section === undefined
      ? document.insertBefore(
          system,
          `<${prefix}NetworkSection><${prefix}Info/>${written}</${prefix}NetworkSection>`,
        )
      : document.append(section, written);
  return [...missing].map(([name, item], index) => ({
    line: document.line(item),
    what: `an adapter is on the network ${JSON.stringify(name)}, which the OVF does not declare`,
    change: "it is declared",
    isRefused: true,
    options: undefined,
    edits: index === 0 ? edits : [],
  }));
}

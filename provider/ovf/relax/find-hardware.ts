import { childNamed, childrenNamed, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import { findPlaces } from "./find-drive-places.ts";
import { findGuest } from "./find-guest.ts";
import type { EditableFinding } from "./finding.ts";
import { foreignDevice, lacksEverywhere } from "./foreign-devices.ts";
import { itemsOf } from "./items.ts";

/** Every host since ESXi 6.5 runs this, with SATA and NVMe controllers. */
const FAMILY = "vmx-13";

/** Hardware of a machine that a host does not have, or with which the machine would not start. */
export function findHardware(document: OvfDocument): readonly EditableFinding[] {
  const ns = document.root.namespace;
  const system = childNamed(document.root, ns, "VirtualSystem");
  const sections = system === undefined ? [] : childrenNamed(system, ns, "VirtualHardwareSection");
  const [first] = sections;
  if (system === undefined || first === undefined) return [];
  const everywhere = sections.flatMap((section) =>
    itemsOf(section).flatMap((item) => lacksEverywhere(document, item)),
  );
  const families = sections.map((section) => familyOf(section));
  // A host uses the first section that it supports. It always supports a section without a family.
  const isForeign = families.every((family) => family !== undefined && !isVmware(family.text));
  const [family] = families;
  if (!isForeign || family === undefined) return [...everywhere, ...findPlaces(document, first)];
  return [
    {
      line: document.line(family),
      what: `its hardware is of the family ${named(families)}, and a host accepts only families that begin with vmx-`,
      change: `it becomes ${FAMILY}`,
      isRefused: true,
      options: undefined,
      edits: document.setText(family, FAMILY),
    },
    ...itemsOf(first).flatMap((item) => foreignDevice(document, item)),
    ...everywhere,
    ...findPlaces(document, first),
    ...findGuest(document, system, first),
  ];
}

function familyOf(section: XmlElement): XmlElement | undefined {
  const system = childNamed(section, section.namespace, "System");
  const family = system?.children.find(({ name }) => name === "VirtualSystemType");
  return family === undefined || family.text.trim() === "" ? undefined : family;
}

const isVmware = (families: string): boolean => /(?:^|[\s,])vmx-\d+(?:$|[\s,])/i.test(families);

const named = (families: readonly (XmlElement | undefined)[]): string =>
  families
    .flatMap((family) => family?.text.split(/[\s,]+/) ?? [])
    .filter(Boolean)
    .join(", ");

import { OVF_1, OVF_2, RASD } from "../descriptor/envelope.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";

const ITEMS: readonly string[] = ["StorageItem", "EthernetPortItem"];
/** VirtualBox writes the namespaces of these items with an ending that they do not have. */
const ITEM_DATA = /\/CIM_(?:Storage|EthernetPort)AllocationSettingData(?:\.xsd)?$/;

/** Writes the items that OVF 2 has named anew as those of OVF 1, which is what hosts know. */
export function findSecondVersion(document: OvfDocument): readonly EditableFinding[] {
  const { root } = document;
  const items = [...document.elements()].filter(
    ({ name, namespace }) => namespace === root.namespace && ITEMS.includes(name),
  );
  const [first] = items;
  if (first === undefined) return [];
  const renamed = new Set(items);
  const edits = [...document.elements()].flatMap((element) =>
    document.retag(
      element,
      renamed.has(element) ? `${document.prefix(element)}Item` : undefined,
      ({ name, prefix, value }) => {
        if (prefix !== "xmlns" && name !== "xmlns") return value;
        if (value === OVF_2) return OVF_1;
        return ITEM_DATA.test(value) ? RASD : value;
      },
    ),
  );
  const names = ITEMS.filter((name) => items.some((item) => item.name === name));
  return [
    {
      line: document.line(first),
      what: `it has hardware as OVF 2 writes it (${names.join(", ")}), and hosts know that of OVF 1 only`,
      change: "it is written as OVF 1 has it",
      isRefused: true,
      options: undefined,
      edits,
    },
  ];
}

import { OVF_1, OVF_2, RASD } from "../descriptor/ovf-envelope.ts";
import type { OvfDocument } from "./document.ts";
import type { EditableFinding } from "./finding.ts";

const ITEMS: readonly string[] = ["StorageItem", "EthernetPortItem"];
/** VirtualBox writes the namespaces of these items with a wrong ending. */
const ITEM_DATA = /\/CIM_(?:Storage|EthernetPort)AllocationSettingData(?:\.xsd)?$/;

/** Rewrites items with names of OVF 2 as items of OVF 1, because hosts know only those. */
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
      what: `it has hardware in the form of OVF 2 (${names.join(", ")}), and hosts know only that of OVF 1`,
      change: "it is written in the form of OVF 1",
      isRefused: true,
      options: undefined,
      edits,
    },
  ];
}

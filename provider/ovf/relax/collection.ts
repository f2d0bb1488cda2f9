import { attributesIn } from "../xml/start-tags.ts";
import { childNamed, childrenNamed, type XmlElement } from "../xml/xml.ts";
import type { OvfDocument } from "./document.ts";
import type { Edit } from "./edits.ts";
import type { EditableFinding } from "./finding.ts";

/** The parts of a vApp that its only machine must keep: properties, licences and notes. */
const KEPT: readonly string[] = ["ProductSection", "EulaSection", "AnnotationSection"];
const SYSTEMS: readonly string[] = ["VirtualSystem", "VirtualSystemCollection"];

/** Takes the only machine of a vApp out of it: vApps need vCenter. */
export function findCollection(document: OvfDocument): readonly EditableFinding[] {
  const { root } = document;
  const ns = root.namespace;
  const collection = childNamed(root, ns, "VirtualSystemCollection");
  const system = collection && onlySystem(collection, ns);
  if (collection === undefined || system === undefined) return [];
  if (root.children.some((child) => child !== collection && SYSTEMS.includes(child.name))) return [];
  const around = [...document.elements(collection)].filter(({ name }) => name === "VirtualSystemCollection");
  const others = around.flatMap(({ children }) => children.filter(({ name }) => !SYSTEMS.includes(name)));
  const kept = others.filter(({ name }) => KEPT.includes(name));
  const lost = others.filter(({ name }) => !KEPT.includes(name) && name.endsWith("Section"));
  const names = [...new Set(lost.map(({ name }) => name))];
  const without = names.length === 0 ? "" : `, without the vApp's ${names.join(", ")}`;
  return [
    {
      line: document.line(collection),
      what: "it is a vApp (VirtualSystemCollection), which needs vCenter",
      change: `its only machine is taken out of it${without}`,
      isRefused: true,
      options: undefined,
      edits: [
        ...around.flatMap((each) => [...document.replaceStartTag(each, ""), ...document.removeEndTag(each)]),
        ...others.flatMap((each) => document.remove(each)),
        ...declarations(document, around, system),
        ...document.append(system, kept.map((each) => onOneLine(document.text(each))).join("")),
      ],
    },
  ];
}

/** Prefixes that were declared around a machine are declared on the machine. */
function declarations(document: OvfDocument, around: readonly XmlElement[], system: XmlElement): Edit[] {
  const declared = (element: XmlElement) =>
    [...attributesIn(document.startTag(element))].filter(
      ({ name, prefix }) => prefix === "xmlns" || (prefix === "" && name === "xmlns"),
    );
  const own = declared(system).map(({ name }) => name);
  // If a prefix is declared twice, the inner declaration counts.
  const outer = new Map(around.flatMap(declared).map((each) => [each.name, each]));
  const added = [...outer.values()]
    .filter(({ name }) => !own.includes(name))
    .map(({ name, prefix, value }) => `${prefix === "" ? name : `${prefix}:${name}`}="${value}"`);
  return added.length === 0 ? [] : document.addAttribute(system, added.join(" "));
}

/** The only machine of a collection, at any depth. Undefined if there are several or none. */
function onlySystem(collection: XmlElement, ns: string): XmlElement | undefined {
  const inner = childrenNamed(collection, ns, "VirtualSystemCollection");
  const systems = childrenNamed(collection, ns, "VirtualSystem");
  if (systems.length + inner.length !== 1) return undefined;
  return systems[0] ?? (inner[0] && onlySystem(inner[0], ns));
}

/** Text that moves must not change the line numbers behind it. */
const onOneLine = (text: string): string => text.replace(/\r?\n/g, " ");

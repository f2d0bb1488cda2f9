import { findCollection } from "./collection.ts";
import { findDiskSection } from "./disk-section.ts";
import { OvfDocument } from "./document.ts";
import { findDraft } from "./draft.ts";
import { applyEdits } from "./edits.ts";
import { findHardware } from "./find-hardware.ts";
import { findNetworks } from "./find-networks.ts";
import type { EditableFinding, Finding } from "./finding.ts";
import { findSecondVersion } from "./second-version.ts";

/** A descriptor that was changed until a host accepts it, and the list of changes. */
interface RelaxedDescriptor {
  readonly xml: string;
  readonly findings: readonly Finding[];
  /** The descriptor as OVF with one machine, with unchanged hardware. */
  readonly readable: OvfDocument;
}

type Pass = (document: OvfDocument) => readonly EditableFinding[];

/** Changes that are needed to read a descriptor at all, in this order. */
const READING: readonly Pass[] = [findDraft, findCollection, findNetworks];
const HARDWARE: readonly Pass[] = [findDiskSection, findSecondVersion, findHardware];

/**
 * Changes the parts of a descriptor that a host refuses. Each line keeps its number.
 * @throws OvfDescriptorError if it is not well-formed XML
 */
export function relaxed(xml: string): RelaxedDescriptor {
  const found: Finding[] = [];
  const through = (from: OvfDocument, passes: readonly Pass[]): OvfDocument =>
    passes.reduce((document, pass) => {
      const findings = pass(document);
      found.push(...findings.map(({ edits: _, ...finding }) => finding));
      const edits = findings.flatMap(({ edits }) => edits);
      return edits.length === 0 ? document : new OvfDocument(applyEdits(document.xml, edits));
    }, from);
  const readable = through(new OvfDocument(xml.replace(/^\uFEFF/, "")), READING);
  return { xml: through(readable, HARDWARE).xml, findings: found, readable };
}

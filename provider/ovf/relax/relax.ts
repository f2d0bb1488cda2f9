import { findCollection } from "./collection.ts";
import { findDiskSection } from "./disk-section.ts";
import { OvfDocument } from "./document.ts";
import { findDraft } from "./draft.ts";
import { applyEdits } from "./edits.ts";
import type { EditableFinding, Finding } from "./finding.ts";
import { findHardware } from "./hardware.ts";
import { findNetworks } from "./networks.ts";
import { findSecondVersion } from "./second-version.ts";

/** A descriptor, changed until a host takes it, and what there was to change. */
interface RelaxedDescriptor {
  readonly xml: string;
  readonly findings: readonly Finding[];
  /** What it is as OVF with one machine, its hardware as it was. */
  readonly readable: OvfDocument;
}

type Pass = (document: OvfDocument) => readonly EditableFinding[];

/** What has to be so that a descriptor can be read at all, one after the other. */
const READING: readonly Pass[] = [findDraft, findCollection, findNetworks];
const HARDWARE: readonly Pass[] = [findDiskSection, findSecondVersion, findHardware];

/**
 * Changes of a descriptor what a host refuses; each line stays where it was.
 * @throws OvfDescriptorError if it is no well-formed XML
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

import { attributesIn, startTags } from "../xml/start-tags.ts";

const PACKING: ReadonlySet<string> = new Set(["compression", "chunkSize"]);

/**
 * The descriptor for the host. It is without `ovf:compression` and `ovf:chunkSize`, because newer hosts refuse both,
 * and files are unpacked and joined on the way. Everything else stays the same, character by character. That includes
 * `ovf:size`, which the host uses only for progress.
 * @param descriptorXml well-formed
 */
export function descriptorForHost(descriptorXml: string): string {
  const pieces: string[] = [];
  let taken = 0;
  for (const { name, start, end } of startTags(descriptorXml)) {
    if (name !== "File") continue;
    pieces.push(descriptorXml.slice(taken, start), withoutPacking(descriptorXml.slice(start, end)));
    taken = end;
  }
  return pieces.join("") + descriptorXml.slice(taken);
}

function withoutPacking(tag: string): string {
  let kept = "";
  let taken = 0;
  for (const { name, start, end } of attributesIn(tag)) {
    if (!PACKING.has(name)) continue;
    kept += tag.slice(taken, start);
    taken = end;
  }
  return kept + tag.slice(taken);
}

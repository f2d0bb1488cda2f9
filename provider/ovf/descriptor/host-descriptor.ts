import { attributesIn, startTags } from "../xml/start-tags.ts";

const PACKING: ReadonlySet<string> = new Set(["compression", "chunkSize"]);

/**
 * The descriptor as the host must get it: without `ovf:compression` and `ovf:chunkSize`, since newer hosts refuse
 * both, and files are unzipped and put together on the way. Everything else stays as it is, character by character;
 * `ovf:size` too, which the host uses for progress only.
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

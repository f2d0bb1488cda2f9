import { startTags } from "./start-tags.ts";

/** One attribute with the space before it. */
const ATTRIBUTE = /\s+(?:[^\s=/>"':]+:)?([^\s=/>"':]+)\s*=\s*(?:"[^"]*"|'[^']*')/y;
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
  const nameEnd = tag.search(/[\s/>]/);
  let kept = tag.slice(0, nameEnd);
  ATTRIBUTE.lastIndex = nameEnd;
  for (let at = nameEnd; ; ) {
    const found = ATTRIBUTE.exec(tag);
    if (found === null) return kept + tag.slice(at);
    if (!PACKING.has(found[1] ?? "")) kept += found[0];
    at = ATTRIBUTE.lastIndex;
  }
}

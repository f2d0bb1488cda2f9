/** Elements that hundreds of machines have in common word for word: devices, options, defaults. */
const NAMES = [
  "device",
  "VirtualDevice",
  "extraConfig",
  "cpuAllocation",
  "memoryAllocation",
  "flags",
  "tools",
  "bootOptions",
  "defaultPowerOps",
  "propSet",
];
const TAGS = new RegExp(`<(/?)(?:${NAMES.join("|")})(?=[ />])[^>]*?(/?)>`, "g");

/** A shorter element is no longer than what would stand for it. */
const WORTH_IT = 60;
/** A shorter text is parsed in no time. */
const LONG = 20_000;

const REFERENCE = "same-as-";
/** What would be taken for a tag, or for a reference, and is none. */
const MISLEADING = new RegExp(`<!|<\\?(?!xml )|${REFERENCE}`);

/** A document of which each of those elements is spelt out once. */
export interface WithoutRepeats {
  /** The document, with an empty element in place of each of them; {@link referenceIn} its name. */
  readonly text: string;
  /** Those elements, which may hold such references themselves, to earlier ones only. */
  readonly elements: readonly string[];
}

/** Takes from a document what it says again and again; undefined where that is not worth it. */
export function withoutRepeats(text: string): WithoutRepeats | undefined {
  if (text.length < LONG || MISLEADING.test(text)) return undefined;
  const numbers = new Map<string, number>();
  let parts: string[] = [];
  const open: { readonly parts: string[] }[] = [];
  let from = 0;
  for (const tag of text.matchAll(TAGS)) {
    const [whole, closes, isEmpty] = tag;
    if (isEmpty) continue;
    if (!closes) {
      parts.push(text.slice(from, tag.index));
      from = tag.index;
      open.push({ parts });
      parts = [];
      continue;
    }
    const end = tag.index + whole.length;
    parts.push(text.slice(from, end));
    from = end;
    const element = parts.join("");
    const frame = open.pop();
    if (frame === undefined) return undefined;
    parts = frame.parts;
    if (element.length < WORTH_IT) {
      parts.push(element);
      continue;
    }
    let number = numbers.get(element);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(element, number);
    }
    parts.push(`<${REFERENCE}${number}/>`);
  }
  if (open.length > 0) return undefined;
  parts.push(text.slice(from));
  return { text: parts.join(""), elements: [...numbers.keys()] };
}

/** Which of the elements an element of that name stands for; undefined for another name. */
export function referenceIn(name: string): number | undefined {
  return name.startsWith(REFERENCE) ? Number(name.slice(REFERENCE.length)) : undefined;
}

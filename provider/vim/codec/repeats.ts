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
  /** The pieces of what is around the elements that are open, from the outermost in. */
  const around: string[][] = [];
  let pieces: string[] = [];
  let from = 0;
  for (const tag of text.matchAll(TAGS)) {
    const [whole, closes, isEmpty] = tag;
    if (isEmpty) continue;
    if (!closes) {
      pieces.push(text.slice(from, tag.index));
      from = tag.index;
      around.push(pieces);
      pieces = [];
      continue;
    }
    const end = tag.index + whole.length;
    pieces.push(text.slice(from, end));
    from = end;
    const element = pieces.join("");
    const outside = around.pop();
    if (outside === undefined) return undefined;
    pieces = outside;
    pieces.push(element.length < WORTH_IT ? element : `<${REFERENCE}${numberOf(element, numbers)}/>`);
  }
  if (around.length > 0) return undefined;
  pieces.push(text.slice(from));
  return { text: pieces.join(""), elements: [...numbers.keys()] };
}

/** Its place among the elements, at their end if it is new. */
function numberOf(element: string, numbers: Map<string, number>): number {
  const number = numbers.get(element) ?? numbers.size;
  numbers.set(element, number);
  return number;
}

/** Which of the elements an element of that name stands for; undefined for another name. */
export function referenceIn(name: string): number | undefined {
  return name.startsWith(REFERENCE) ? Number(name.slice(REFERENCE.length)) : undefined;
}

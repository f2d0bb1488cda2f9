/** Requests made wrong, one place at a time. */

interface Element {
  readonly name: string;
  readonly attributes: string;
  /** Where it begins and ends in the text. */
  readonly start: number;
  end: number;
  /** Where the start tag ends, and the end tag begins. */
  readonly innerStart: number;
  innerEnd: number;
  readonly children: Element[];
}

export interface Mutant {
  /** What is wrong, and where. */
  readonly what: string;
  readonly text: string;
}

/** Every way to make this request one that no host can read. */
export function mutantsOf(text: string): Mutant[] {
  const body = elementsOf(text).find((element) => element.name.split(":").at(-1) === "Body");
  const [call] = body?.children ?? [];
  if (call === undefined) throw new Error(`No call in ${text}`);
  return withDescendants(call).flatMap((element) => [
    ...swapped(text, element),
    ...extended(text, element),
    ...renamed(text, element),
    ...retyped(text, element),
    ...unbooled(text, element),
  ]);
}

/** Two neighbours in the wrong order. */
function swapped(text: string, parent: Element): Mutant[] {
  return parent.children.flatMap((left, index) => {
    const right = parent.children[index + 1];
    if (right === undefined || right.name === left.name) return [];
    const swap = text.slice(right.start, right.end) + text.slice(left.end, right.start);
    const what = `${right.name} before ${left.name} in ${parent.name}`;
    return [{ what, text: splice(text, left.start, right.end, swap + text.slice(left.start, left.end)) }];
  });
}

/** An element that no schema knows, as the last one inside. */
function extended(text: string, element: Element): Mutant[] {
  if (element.innerStart === element.end) return [];
  const more = "<colour>red</colour>";
  return [
    { what: `colour in ${element.name}`, text: splice(text, element.innerEnd, element.innerEnd, more) },
  ];
}

function renamed(text: string, element: Element): Mutant[] {
  const whole = text.slice(element.start, element.end);
  const other = whole
    .replace(/^<[\w:]+/, `<${element.name}ish`)
    .replace(/<\/[\w:]+>$/, `</${element.name}ish>`);
  return [{ what: `${element.name}ish`, text: splice(text, element.start, element.end, other) }];
}

/** Another type: of the object that a reference means, or in xsi:type. */
function retyped(text: string, element: Element): Mutant[] {
  return [...element.attributes.matchAll(/([\w:-]*\btype)="[^"]*"/g)].flatMap((match) => {
    const start = element.start + element.name.length + 1 + match.index;
    const [whole = "", attribute = ""] = match;
    const mutants = [{ what: `toaster as ${attribute} of ${element.name}`, with: `${attribute}="Toaster"` }];
    if (attribute === "type") mutants.push({ what: `no type of ${element.name}`, with: "" });
    return mutants.map(({ what, with: other }) => ({
      what,
      text: splice(text, start, start + whole.length, other),
    }));
  });
}

/** A boolean that is none. */
function unbooled(text: string, element: Element): Mutant[] {
  const inner = text.slice(element.innerStart, element.innerEnd);
  if ((inner !== "true" && inner !== "false") || element.attributes.includes("string")) return [];
  return [
    { what: `maybe in ${element.name}`, text: splice(text, element.innerStart, element.innerEnd, "maybe") },
  ];
}

function splice(text: string, start: number, end: number, other: string): string {
  return text.slice(0, start) + other + text.slice(end);
}

function withDescendants(element: Element): Element[] {
  return [element, ...element.children.flatMap(withDescendants)];
}

/** All elements of a document without comments and CDATA, in the order in which they begin. */
function elementsOf(text: string): Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  for (const match of text.matchAll(/<(\/?)([\w:]+)([^>]*?)(\/?)>/g)) {
    const [tag, closes, name = "", attributes = "", isEmpty] = match;
    const end = match.index + tag.length;
    if (closes) {
      const element = open.pop();
      if (element) Object.assign(element, { innerEnd: match.index, end });
      continue;
    }
    const element = {
      name,
      attributes,
      start: match.index,
      end,
      innerStart: end,
      innerEnd: end,
      children: [],
    };
    open.at(-1)?.children.push(element);
    all.push(element);
    if (!isEmpty) open.push(element);
  }
  return all;
}

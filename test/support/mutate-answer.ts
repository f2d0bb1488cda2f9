/** One thing made wrong in one answer of a host, as chance has it. */

/** The next number of a fixed sequence, from 0 to below 1. */
export type Chance = () => number;

/** A fixed sequence for each seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const oneOf = <T>(chance: Chance, all: readonly T[]): T | undefined => all[Math.floor(chance() * all.length)];

export interface Mutant {
  /** What was done, for messages. */
  readonly what: string;
  readonly status: number;
  readonly body: string;
  /** The connection ends after half of the body. */
  readonly cut?: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Element {
  readonly name: string;
  readonly attributes: string;
  readonly start: number;
  /** Where its content begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The elements inside of the answer's own. */
function elementsOf(body: string): Element[] {
  const found: Element[] = [];
  const open: { name: string; attributes: string; start: number; from: number }[] = [];
  for (const match of body.matchAll(/<(\/?)([\w:]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    const [text, closing, name = "", attributes = "", empty] = match;
    const end = match.index + text.length;
    if (closing) {
      const begun = open.pop();
      if (begun) found.push({ ...begun, to: match.index, end });
    } else if (empty) found.push({ name, attributes, start: match.index, from: end, to: end, end });
    else open.push({ name, attributes, start: match.index, from: end });
  }
  return found.filter(({ name }) => !/:(Envelope|Body)$|Response$/.test(name));
}

const TYPES = [
  'xsi:type="xsd:string"',
  'xsi:type="OptionValue"',
  'xsi:type="ArrayOfString"',
  'xsi:type="Quantum"',
  "",
];
const WRONG_TEXTS = [
  "",
  "x",
  "-1",
  "99999999999999999999",
  "NaN",
  "true",
  "[datastore1] /",
  "\u001b[2J",
  "<x>1</x>",
];
const STATUSES = [200, 204, 302, 401, 404, 500, 503];

/** Ids of the host's objects, by their type. */
type Ids = ReadonlyMap<string, ReadonlySet<string>>;
type Change = (body: string, element: Element, chance: Chance, ids: Ids) => string;

const put = (body: string, from: number, to: number, text: string) =>
  body.slice(0, from) + text + body.slice(to);

/** Mostly one of the same type. */
function otherId(chance: Chance, attributes: string, ids: Ids): string {
  const type = /\stype="(\w+)"/.exec(attributes)?.[1] ?? "";
  const same = [...(ids.get(type) ?? [])];
  const all = [...ids.values()].flatMap((some) => [...some]);
  return oneOf(chance, chance() < 0.7 && same.length > 0 ? same : [...all, "nobody"]) ?? "nobody";
}

const CHANGES: Readonly<Record<string, Change>> = {
  drop: (body, { start, end }) => put(body, start, end, ""),
  empty: (body, { name, attributes, start, end }) =>
    put(body, start, end, `<${name}${attributes}></${name}>`),
  nil: (body, { name, start, end }) =>
    put(body, start, end, `<${name} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>`),
  "give twice": (body, { start, end }) => put(body, end, end, body.slice(start, end)),
  "give another value": (body, { name, attributes, start, end }, chance) =>
    put(body, start, end, `<${name}${attributes}>${oneOf(chance, WRONG_TEXTS)}</${name}>`),
  "give another type": (body, { name, attributes, start, from, to, end }, chance) => {
    const others = attributes.replace(/\s\S*:type="[^"]*"/, "");
    return put(
      body,
      start,
      end,
      `<${name}${others} ${oneOf(chance, TYPES)}>${body.slice(from, to)}</${name}>`,
    );
  },
  "give another object": (body, { name, attributes, start, end }, chance, ids) =>
    put(body, start, end, `<${name}${attributes}>${otherId(chance, attributes, ids)}</${name}>`),
  "make huge": (body, { name, attributes, start, end }) =>
    put(body, start, end, `<${name}${attributes}>${"9".repeat(2 ** 20)}</${name}>`),
  "make many": (body, { start, end }) => put(body, end, end, body.slice(start, end).repeat(500)),
};

/**
 * The answer with one thing wrong.
 * @param ids Ids of the host's objects, which may stand where another belongs.
 */
export function mutateAnswer(answer: Answer, chance: Chance, ids: Ids): Mutant {
  const { status, body } = answer;
  const roll = chance();
  if (roll < 0.06)
    return { what: "cut its text", status, body: body.slice(0, Math.floor(body.length * chance())) };
  if (roll < 0.1) return { what: "cut the connection", status, body, cut: true };
  if (roll < 0.15) {
    const other = oneOf(chance, STATUSES) ?? 500;
    return { what: `give the status ${other}`, status: other, body: chance() < 0.5 ? body : "<h1>No</h1>" };
  }
  const elements = elementsOf(body);
  const isReference = ({ attributes }: Element) => /\stype="/.test(attributes);
  const kind = oneOf(chance, Object.keys(CHANGES)) ?? "drop";
  const fitting = kind === "give another object" ? elements.filter(isReference) : elements;
  const element = oneOf(chance, fitting);
  if (!element) return { what: "put words before its text", status, body: `Welcome ${body}` };
  const changed = CHANGES[kind]?.(body, element, chance, ids) ?? body;
  return { what: `${kind}: ${element.name}${element.attributes}`, status, body: changed };
}

import {
  type DataObjectType,
  findDataObject,
  findType,
  isSubtype,
  type Property,
} from "../../../../schema/index.ts";
import { VIM25 } from "../../../../schema/vim25.generated.ts";

/** Names of all data objects of the table. */
export const DATA_OBJECTS: readonly string[] = VIM25.split("\n")
  .filter((line) => line.startsWith("D "))
  .map((line) => line.split(" ")[1] ?? "");

const PRIMITIVES: Readonly<Record<string, (random: Random) => unknown>> = {
  string: (random) => random.text(),
  anyURI: (random) => random.text(),
  dateTime: (random) => new Date(random.integer(0, 4e12)).toISOString(),
  base64Binary: (random) => Buffer.from(random.text()).toString("base64"),
  boolean: (random) => random.integer(0, 1) === 1,
  byte: (random) => random.integer(-128, 127),
  short: (random) => random.integer(-32_768, 32_767),
  int: (random) => random.integer(-(2 ** 31), 2 ** 31 - 1),
  long: (random) => random.integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  float: (random) => random.next() * 1e6 - 5e5,
  double: (random) => (random.next() - 0.5) * 10 ** random.integer(-20, 20),
};

const CHARACTERS = [
  ..."abc XYZ019",
  "<",
  ">",
  "&",
  '"',
  "'",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "]]>",
  "&lt;",
  "ä",
  "漢",
  "😀",
  "  ",
];

const subtypes = new Map<string, readonly string[]>();

function subtypesOf(base: string): readonly string[] {
  const known = subtypes.get(base) ?? DATA_OBJECTS.filter((name) => isSubtype(name, base));
  subtypes.set(base, known);
  return known;
}

/** A seeded source of values that fit the vim25 table, so that a failing case can be had again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  integer(from: number, to: number): number {
    // Math.round may give -0, which no integer of the wire is.
    return Math.min(to, Math.round(from + this.next() * (to - from))) || 0;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[Math.floor(this.next() * list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  text(): string {
    return Array.from({ length: this.integer(0, 8) }, () => this.pick(CHARACTERS)).join("");
  }

  /** A data object with its required properties and some of the others; `$type` is set throughout. */
  dataObject(type: DataObjectType, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = { $type: type.name };
    for (const property of type.properties) {
      if (property.optional && (depth <= 0 || this.next() < 0.6)) continue;
      const value = this.#property(property, depth - 1);
      if (value !== undefined) object[property.name] = value;
    }
    return object;
  }

  any(depth: number): unknown {
    const kind = this.integer(0, depth > 0 ? 8 : 4);
    if (kind === 4) return this.long();
    if (kind > 4) return this.#anyOf(kind - 1, depth);
    if (kind === 0) return this.text();
    if (kind === 1) return this.integer(-(2 ** 31), 2 ** 31 - 1);
    if (kind === 2) return this.integer(0, 1) === 1;
    return this.#reference("VirtualMachine");
  }

  /** Of all 64 bits: a bigint where a double cannot hold it. */
  long(): number | bigint {
    const high = BigInt(this.integer(0, 2 ** 32 - 1));
    const whole = BigInt.asIntN(64, (high << 32n) | BigInt(this.integer(0, 2 ** 32 - 1)));
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  }

  #anyOf(kind: number, depth: number): unknown {
    if (kind === 4) return Array.from({ length: this.integer(1, 3) }, () => this.text());
    if (kind === 5) return Array.from({ length: this.integer(1, 3) }, () => this.#reference("Datastore"));
    const type = this.#subtype(
      this.pick(["VirtualDevice", "OptionValue", "TaskInfo", "GuestNicInfo", "LocalizableMessage"]),
    );
    return kind === 6 ? this.dataObject(type, depth - 1) : [this.dataObject(type, depth - 1)];
  }

  #property(property: Property, depth: number): unknown {
    if (!property.array) return this.#value(property, depth);
    const length = this.integer(property.optional ? 1 : 0, depth > 0 ? 3 : 1);
    return Array.from({ length }, () => this.#value(property, depth));
  }

  #value({ type, reference }: Property, depth: number): unknown {
    if (reference) return this.#reference(type);
    if (type === "anyType") return this.any(depth);
    const primitive = PRIMITIVES[type];
    if (primitive) return primitive(this);
    const found = findType(type);
    if (found?.kind === "enum") return this.pick(found.values);
    if (found?.kind !== "data") throw new Error(`the table does not have ${type}`);
    return this.dataObject(depth > 0 ? this.#subtype(type) : found, depth);
  }

  #reference(type: string) {
    return { type: type === "ManagedObject" ? "Folder" : type, value: `${type}-${this.integer(1, 999)} <&"` };
  }

  #subtype(base: string): DataObjectType {
    const found = findDataObject(this.pick(subtypesOf(base)));
    if (!found) throw new Error(`the table does not have ${base}`);
    return found;
  }
}

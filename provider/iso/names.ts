import { ucs2 } from "./fields.ts";

/** The most characters of a volume's label in Joliet. */
const LABEL_LENGTH = 16;
/** The most characters of a name in Joliet. */
const NAME_LENGTH = 64;
const PLAIN_BASE_LENGTH = 26;
const PLAIN_ENDING_LENGTH = 3;

/** One file's two names, as bytes. */
export interface FileNames {
  /** Upper case, for readers without Joliet. They ignore case when they compare, or show lower case. */
  readonly plain: Buffer;
  readonly joliet: Buffer;
}

/** @throws Error for a label that not every reader would show unchanged. */
export function checkLabel(label: string): void {
  if (label === "" || label.length > LABEL_LENGTH || !/^[A-Za-z0-9_ -]*$/.test(label)) {
    throw new Error(
      `"${label}" cannot be the label of an ISO image: it must have 1 to ${LABEL_LENGTH} characters of A–Z, a–z, 0–9, ` +
        "_, - and space.",
    );
  }
}

/**
 * The names of these files, in order. @throws Error for a name that an image cannot hold, or for two equal names.
 */
export function namesOf(files: readonly string[]): FileNames[] {
  const taken = new Set<string>();
  return files.map((name) => {
    if (
      name === "" ||
      name.length > NAME_LENGTH ||
      /[\u0000-\u001f*/:;?\\]/.test(name) ||
      /^\.+$/.test(name)
    ) {
      throw new Error(
        `"${name}" cannot be the name of a file in an ISO image: it must have 1 to ${NAME_LENGTH} characters, and none ` +
          "of * / : ; ? \\.",
      );
    }
    const plain = plainName(name, taken);
    taken.add(plain);
    return { plain: Buffer.from(`${plain};1`, "latin1"), joliet: ucs2(name) };
  });
}

/** `OVF-ENV.XML` for `ovf-env.xml`. If another file has the name already, it gets a number. */
function plainName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf(".");
  const clean = (part: string) => part.toUpperCase().replace(/[^A-Z0-9_-]/g, "_");
  const base = clean(dot > 0 ? name.slice(0, dot) : name).slice(0, PLAIN_BASE_LENGTH);
  const ending = dot > 0 ? clean(name.slice(dot + 1)).slice(0, PLAIN_ENDING_LENGTH) : "";
  for (let count = 0; ; count++) {
    const number = count === 0 ? "" : String(count);
    const plain = `${base.slice(0, PLAIN_BASE_LENGTH - number.length)}${number}.${ending}`;
    if (!taken.has(plain)) return plain;
  }
}

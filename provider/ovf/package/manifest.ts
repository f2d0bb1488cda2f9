import { ManifestError } from "./manifest-error.ts";

type DigestAlgorithm = "sha1" | "sha256" | "sha512";

export interface ManifestEntry {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hex. */
  readonly digest: string;
}

/** The content of a manifest (`.mf`): a digest by file name. A file in chunks has one for each chunk. */
export interface Manifest {
  readonly name: string;
  readonly entries: ReadonlyMap<string, ManifestEntry>;
}

const HEX_DIGITS: Readonly<Record<DigestAlgorithm, number>> = { sha1: 40, sha256: 64, sha512: 128 };

/** The name is greedy up to the last ")", because a file name may have one. */
const LINE = /^\s*([A-Za-z0-9-]+)\s*\((.+)\)\s*=\s*([0-9A-Fa-f]+)\s*$/;

/** The names of algorithms in OpenSSL 3 and elsewhere, without dashes and in lower case. */
const ALGORITHMS: Readonly<Record<string, DigestAlgorithm>> = {
  sha1: "sha1",
  sha256: "sha256",
  sha2256: "sha256",
  sha512: "sha512",
  sha2512: "sha512",
};

/**
 * Parses lines such as `SHA256(disk1.vmdk)= 0a1b…`. Spaces, CRLF and the algorithm's case do not matter. If a file has
 * several digests, the longest counts.
 * @param name the manifest's own name, for messages
 * @param folder the folder in the archive that has the manifest, because names in it may begin with that. Default: none
 * @throws ManifestError with the line number, for a line of another form
 */
export function parseManifest(name: string, text: string, folder = ""): Manifest {
  const entries = new Map<string, ManifestEntry>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (line.trim() === "") continue;
    const fail = (problem: string): never => {
      throw new ManifestError(`${name}, line ${index + 1}: ${problem}`);
    };
    const match = LINE.exec(line);
    const file = match?.[2] === undefined ? undefined : plainName(match[2], folder);
    const digest = match?.[3]?.toLowerCase();
    if (match === null || file === undefined || digest === undefined) {
      return fail('expected a line such as "SHA256(disk1.vmdk)= 0a1b…"');
    }
    const algorithm = toAlgorithm(match[1] ?? "");
    if (algorithm === undefined)
      return fail(`the digest ${match[1]} is not known, only SHA1, SHA256 and SHA512`);
    if (digest.length !== HEX_DIGITS[algorithm]) {
      return fail(`${match[1]} has ${HEX_DIGITS[algorithm]} hex digits, this one has ${digest.length}`);
    }
    const known = entries.get(file);
    if (known?.algorithm === algorithm && known.digest !== digest) {
      return fail(`${JSON.stringify(file)} has another ${match[1]} in an earlier line`);
    }
    if (known === undefined || digest.length > known.digest.length) entries.set(file, { algorithm, digest });
  }
  return { name, entries };
}

function toAlgorithm(text: string): DigestAlgorithm | undefined {
  const name = text.toLowerCase().replaceAll("-", "");
  return Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
}

/** The name relative to the manifest's own folder, without parts that mean nothing in a path. */
function plainName(name: string, folder: string): string {
  const plain = name
    .trim()
    .split("/")
    .filter((segment, index) => segment !== "." && (segment !== "" || index === 0))
    .join("/");
  const own = folder !== "" && plain.startsWith(`${folder}/`) ? plain.slice(folder.length + 1) : plain;
  return own.normalize("NFC");
}

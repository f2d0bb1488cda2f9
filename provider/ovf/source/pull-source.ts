import { expectedDigest } from "../package/expected-digest.ts";
import { urlBeside } from "../package/folder-package.ts";
import type { ManifestEntry } from "../package/manifest.ts";
import type { OvaFile } from "../package/stored-file.ts";
import { splitCredentials } from "./http-client.ts";
import type { OvaSource } from "./source.ts";

/** Digests that a host can report. */
const DIGESTS = ["sha1", "sha256"] as const;

/** The address from which a host can fetch a file of an OVA itself. */
export interface PullSource {
  /** Without user and password. Its query may be a secret. */
  readonly url: string;
  /** Value of the header `Authorization`. Undefined if the URL has no user. */
  readonly authorization: string | undefined;
  /** Name in the archive behind the URL. Undefined for a file that has its own URL. */
  readonly memberName: string | undefined;
  /** The digest in the manifest. Undefined if it has none. */
  readonly digest: (ManifestEntry & { readonly algorithm: (typeof DIGESTS)[number] }) | undefined;
}

const isUrl = (location: string): boolean => /^https?:\/\//i.test(location);

/** Why a host cannot fetch an OVA's files itself, as the end of a sentence. Empty if it can. */
export function pullProblems(location: string, source: OvaSource): string[] {
  if (!isUrl(location))
    return ["for a file of this machine: ovaPath must be an http or https URL that the host reaches"];
  return source.files.flatMap((file) => {
    const [part] = file.parts;
    if (file.compression !== undefined)
      return [`because ${file.href} is packed with gzip, which no host unpacks`];
    if (file.parts.length !== 1 || part === undefined)
      return [`because ${file.href} is stored in parts, which no host puts together`];
    const digest = expectedDigest(source.manifest, file, part);
    if (digest === undefined || isAsked(digest)) return [];
    return [
      `because hosts report only SHA1 and SHA256, and the manifest has a ${digest.algorithm.toUpperCase()} of ${file.href}`,
    ];
  });
}

/** @param location As the program gives it. Only for an OVA without {@link pullProblems}. */
export function pullSource(location: string, source: OvaSource, file: OvaFile): PullSource {
  const [part] = file.parts;
  if (part === undefined) throw new Error(`${file.href} is stored nowhere.`);
  const { url, authorization } = splitCredentials(
    part.member === undefined ? urlBeside(location, part.name) : location,
  );
  const digest = expectedDigest(source.manifest, file, part);
  return {
    url,
    authorization,
    memberName: part.member,
    digest: digest && isAsked(digest) ? digest : undefined,
  };
}

const isAsked = (digest: ManifestEntry): digest is NonNullable<PullSource["digest"]> =>
  DIGESTS.some((algorithm) => algorithm === digest.algorithm);

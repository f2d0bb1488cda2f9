import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { ByteSource } from "../source/byte-source.ts";
import { openFileBytes } from "../source/file-bytes.ts";
import { openHttpBytes } from "../source/http-bytes.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";
import type { FilePackage } from "./file-package.ts";
import { safeName } from "./safe-name.ts";
import type { StoredPart } from "./stored-file.ts";

/** Opens a file of the folder by its checked name. Undefined if there is none. */
type OpenBeside = (name: string, signal?: AbortSignal) => Promise<ByteSource | undefined>;

/** Names that the manifest beside a descriptor may have, the likeliest first. */
type ManifestNames = (descriptorName: string) => Promise<readonly string[]>;

/** A local `.ovf` with its files beside it. It closes `descriptor` later. */
export async function openLocalFolder(
  path: string,
  descriptor: ByteSource,
  signal?: AbortSignal,
): Promise<FilePackage> {
  const name = basename(path);
  const opened = await openFolder(name, descriptor, localFiles(path), manifestsBeside(path), signal);
  return opened.manifest === undefined ? { ...opened, unused: await otherManifests(path) } : opened;
}

/** Manifests that belong to no descriptor, beside a descriptor without one: one of the two was renamed. */
async function otherManifests(path: string): Promise<readonly string[]> {
  const there = await readdir(dirname(path)).catch(() => []);
  const lower = new Set(there.map((name) => name.toLowerCase()));
  return there.filter(
    (name) => /^(?!\._).*\.mf$/i.test(name) && !lower.has(name.toLowerCase().replace(/\.mf$/, ".ovf")),
  );
}

/** An `.ovf` behind a URL with its files beside it. It closes `descriptor` later. */
export function openWebFolder(
  location: string,
  descriptor: ByteSource,
  requestTimeoutSeconds: number,
  signal?: AbortSignal,
): Promise<FilePackage> {
  const files = webFiles(location, requestTimeoutSeconds);
  return openFolder(webFileName(location), descriptor, files, usualManifests, signal);
}

async function openFolder(
  descriptorName: string,
  descriptor: ByteSource,
  openBeside: OpenBeside,
  manifestNames: ManifestNames,
  signal: AbortSignal | undefined,
): Promise<FilePackage> {
  const opened = new Map<string, StoredPart>([[descriptorName, toPart(descriptorName, descriptor)]]);
  const find = async (name: string, findSignal?: AbortSignal): Promise<StoredPart | undefined> => {
    const checked = safeName(name);
    const known = opened.get(checked);
    if (known !== undefined) return known;
    const apart = checked.normalize("NFD");
    const bytes =
      (await openBeside(checked, findSignal)) ??
      (apart === checked ? undefined : await openBeside(apart, findSignal));
    if (bytes === undefined) return undefined;
    const part = toPart(checked, bytes);
    opened.set(checked, part);
    return part;
  };
  const names = /\.ovf$/i.test(descriptorName) ? await manifestNames(descriptorName) : [];
  let manifest: StoredPart | undefined;
  for (const name of names) manifest ??= await find(name, signal);
  return {
    descriptor: toPart(descriptorName, descriptor),
    folder: "",
    manifest,
    names: undefined,
    find,
    close: async () => {
      await Promise.all([...opened.values()].map((part) => part.bytes.close()));
    },
  };
}

/** The names to ask a web server for, because it lists nothing. */
async function usualManifests(descriptorName: string): Promise<readonly string[]> {
  const name = descriptorName.slice(0, -".ovf".length);
  return /OVF$/.test(descriptorName) ? [`${name}.MF`, `${name}.mf`] : [`${name}.mf`, `${name}.MF`];
}

/** The manifests that are there, in upper or lower case: old tools and Windows write capitals. */
function manifestsBeside(path: string): ManifestNames {
  return async (descriptorName) => {
    const name = descriptorName.replace(/\.ovf$/i, ".mf");
    const there = await readdir(dirname(path)).catch(() => []);
    const alike = there.filter((other) => other.toLowerCase() === name.toLowerCase());
    // The file may be there although the folder cannot be listed.
    return [name, ...alike.filter((other) => other !== name)];
  };
}

function webFileName(location: string): string {
  const written = new URL(location).pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(written);
  } catch {
    // A lone "%" is part of the name.
    return written;
  }
}

function toPart(name: string, bytes: ByteSource): StoredPart {
  return { name, bytes, offset: 0, sizeBytes: bytes.sizeBytes, unseenBytes: 0 };
}

function localFiles(descriptorPath: string): OpenBeside {
  const folder = dirname(descriptorPath);
  return async (name) => {
    const path = join(folder, ...name.split("/"));
    let real: string;
    let realFolder: string;
    try {
      [real, realFolder] = await Promise.all([realpath(path), realpath(folder)]);
    } catch (error) {
      if (
        error instanceof Error &&
        "code" in error &&
        (error.code === "ENOENT" || error.code === "ENOTDIR")
      ) {
        return undefined;
      }
      throw new OvaSourceError(descriptorPath, `${name} beside it cannot be opened`, { cause: error });
    }
    const way = relative(realFolder, real);
    if (way === ".." || way.startsWith(`..${sep}`) || way.startsWith(sep)) {
      throw new OvaSourceError(
        descriptorPath,
        `${name} beside it leads out of the folder through a symbolic link`,
      );
    }
    return openFileBytes(real);
  };
}

function webFiles(location: string, requestTimeoutSeconds: number): OpenBeside {
  return (name, signal) =>
    openHttpBytes(urlBeside(location, name), { requestTimeoutSeconds, mayBeMissing: true, signal });
}

/** The URL of a file in the folder of a descriptor. It has the descriptor's user, password and query. */
export function urlBeside(location: string, name: string): string {
  const url = new URL(location);
  const encoded = name.split("/").map(encodeURIComponent).join("/");
  url.pathname = `${url.pathname.slice(0, url.pathname.lastIndexOf("/") + 1)}${encoded}`;
  return url.href;
}

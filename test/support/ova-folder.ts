import { afterEach, beforeEach, expect } from "vitest";
import { openFile } from "../../provider/ovf/package/open-file.ts";
import { type OvaSource, openOvaSource } from "../../provider/ovf/source/source.ts";
import { collect } from "./collect.ts";
import type { BuiltOva } from "./ova-builder.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A folder for the packages of each test of a file. What a test opens there is closed after it. */
export interface OvaFolder extends Pick<TemporaryFolder, "path" | "write"> {
  /** Opens a package by its path. */
  open(path: string): Promise<OvaSource>;
  /** Writes an archive, and opens it. */
  openArchive(archive: Uint8Array, name?: string): Promise<OvaSource>;
}

/** To be called once, at the top of a file of tests. */
export function ovaFolder(): OvaFolder {
  let folder: TemporaryFolder;
  const opened: OvaSource[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((source) => source.close()));
    await folder.remove();
  });

  const open = async (path: string) => {
    const source = await openOvaSource(path);
    opened.push(source);
    return source;
  };
  return {
    get path() {
      return folder.path;
    },
    write: (name, content) => folder.write(name, content),
    open,
    openArchive: async (archive, name = "test.ova") => open(await folder.write(name, archive)),
  };
}

/** The bytes of one of a package's files. */
export async function contentOf(source: OvaSource, index = 0): Promise<Buffer> {
  const file = source.files[index];
  if (file === undefined) throw new Error("The OVF has no such file.");
  return collect((await openFile(source, file)).stream);
}

/** The package has the files that were built, each with its length and its bytes. */
export async function expectContents(source: OvaSource, built: BuiltOva): Promise<void> {
  expect(source.files.map((file) => file.href)).toEqual(built.files.map((file) => file.href));
  for (const [index, file] of source.files.entries()) {
    const { stream, contentLength } = await openFile(source, file);
    const content = await collect(stream);
    expect(contentLength).toBe(content.length);
    expect(content.equals(built.files[index]?.content ?? Buffer.alloc(0))).toBe(true);
  }
}

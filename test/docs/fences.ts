import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../../tools/setup/cache.mjs";

/** A piece of TypeScript in a page or a docstring. */
export interface Example {
  /** `docs/vm-fleet.md:6`: where its first line stands. */
  readonly where: string;
  /** What stands behind `ts` on the fence's line. */
  readonly info: string;
  readonly code: string;
}

/** The pages that lead through a task, each of which `guides.test.ts` follows. */
export const guides: readonly string[] = pagesIn("docs/guides");

/** The pages of the root and of docs/, by their paths. */
export const pages: readonly string[] = [...pagesIn("."), ...pagesIn("docs"), ...guides];

function pagesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => posix.join(folder, name));
}

export const readPage = (page: string): string => readFileSync(join(root, page), "utf8");

/** The TypeScript examples of all pages. */
export function pageExamples(): Example[] {
  return pages.flatMap((page) => examplesIn(page, readPage(page)));
}

/** The TypeScript examples of all docstrings of the package. */
export function docstringExamples(): Example[] {
  const folder = join(root, "provider");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return files.sort().flatMap((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return examplesIn(`provider/${name}`, text.replaceAll(/^ +\* ?/gm, ""));
  });
}

function examplesIn(file: string, text: string): Example[] {
  return [...text.matchAll(/^```ts\b *(.*)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: info = "", 2: code = "" }) => {
      // The code begins on the line below the fence.
      const line = text.slice(0, index).split("\n").length + 1;
      return { where: `${file}:${line}`, info, code };
    },
  );
}

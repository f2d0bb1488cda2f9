import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../tools/setup/cache.mjs";

/** So many files beside each other one look takes in. */
const MOST_FILES = 15;

/** Folders that have more, and why. A line goes when its folder has been divided; none comes. */
const LARGER: Readonly<Record<string, string>> = {
  "provider/host/vm/settings/": "a file for each setting",
  "provider/resources/vm/settings/": "a file for each group of settings",
  "provider/ovf/relax/": "a file for each kind of thing that hosts refuse",
};

/** Pages with tables of folders. */
const PAGES = ["docs/architecture.md", "simulator/README.md"];

interface Folder {
  /** `simulator/vm/` */
  readonly path: string;
  readonly files: number;
}

function foldersBelow(path: string): Folder[] {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts")).length;
  const inner = entries.filter((entry) => entry.isDirectory());
  return [{ path, files }, ...inner.flatMap(({ name }) => foldersBelow(`${path}${name}/`))];
}

/** A name in the first cell of a table, and the folders that it may mean. */
interface Line {
  readonly name: string;
  readonly places: readonly string[];
  /** Folders inside of these that the second cell names. */
  readonly inner: readonly string[];
}

/** What tables say of folders: names count from the folder of the heading above, or from the root. */
function linesOf(page: string): Line[] {
  let from = [""];
  return readFileSync(join(root, page), "utf8")
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith("#")) from = /Rooms of/.test(line) ? namesIn(line) : [""];
      const [, first = "", second = ""] = line.split("|");
      if (second.trim() === "") return [];
      return namesIn(first).map((name) => {
        const places = from.map((base) => placeOf(base, name));
        return { name, places, inner: places.flatMap((place) => namesIn(second).map((one) => place + one)) };
      });
    });
}

/** "Rooms of `provider/vim/`" lists `vim/codec/` too. */
const placeOf = (base: string, name: string): string =>
  base.endsWith(`/${name.split("/")[0]}/`) ? `${base.replace(/[^/]+\/$/, "")}${name}` : `${base}${name}`;

const namesIn = (text: string): string[] =>
  [...text.matchAll(/`([\w./-]+\/)`/g)].map(([, name = ""]) => name);

const lines = PAGES.flatMap(linesOf);
const folders = [...foldersBelow("provider/"), ...foldersBelow("simulator/")];

describe("each folder of provider/ and simulator/", () => {
  it(`has at most ${MOST_FILES} files beside each other`, () => {
    const larger = folders.filter(({ files }) => files > MOST_FILES).map(({ path }) => path);
    expect(larger.sort()).toEqual(Object.keys(LARGER).sort());
  });

  it("has a line of a table that says what lives there", () => {
    const known = new Set(["provider/", ...lines.flatMap(({ places, inner }) => [...places, ...inner])]);
    const without = folders.filter(({ path, files }) => files > 0 && !known.has(path));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it("is there, if a table has a line of it", () => {
    const there = new Set(folders.map(({ path }) => path));
    const ours = lines.filter(({ places }) => places.some((place) => /^(provider|simulator)\//.test(place)));
    const gone = ours.filter(({ places }) => !places.some((place) => there.has(place)));
    expect(gone.map(({ name }) => name)).toEqual([]);
    expect(ours.length).toBeGreaterThan(50);
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
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

/** Two files of one name that are two halves of one theme: what the API shows, and what is behind it. */
const HALVES: Readonly<Record<string, readonly string[]>> = {
  "datastore.ts": ["simulator/datastore/datastore.ts", "simulator/storage/datastore.ts"],
};

/** Files of a program by their name, where there are several of it. */
function ofOneName(program: string): [name: string, paths: string[]][] {
  const byName = new Map<string, string[]>();
  for (const path of readdirSync(join(root, program), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".ts") || basename(path) === "index.ts") continue;
    byName.set(basename(path), [...(byName.get(basename(path)) ?? []), `${program}${path}`]);
  }
  return [...byName].filter(([, paths]) => paths.length > 1);
}

describe("files of one name", () => {
  it("are the halves of one theme in provider/: what a program means by it, and how it is on a host", () => {
    const others = ofOneName("provider/").filter(
      ([, paths]) =>
        paths
          .map((path) => path.split("/")[1])
          .sort()
          .join() !== "host,resources",
    );
    expect(others).toEqual([]);
  });

  it("are few in simulator/, each with its reason", () => {
    const sorted = ofOneName("simulator/").map(([name, paths]) => [name, paths.sort()]);
    expect(Object.fromEntries(sorted)).toEqual(HALVES);
  });
});

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

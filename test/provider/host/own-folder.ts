import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { knownListing } from "../../../provider/host/datastore/datastore-listing.ts";
import { parseDatastorePath } from "../../../provider/host/datastore/datastore-path.ts";
import type { Lab } from "../resources/lab.ts";

const { signal } = new AbortController();

/**
 * The raw content of a folder that each test has for itself.
 * @param current The host and the folder of the present test: `[datastore1] test0`.
 */
export function ownFolder(current: () => { readonly lab: Lab; readonly root: string }) {
  const local = (path: string) => current().lab.raw.simulator.localFile(path);
  const inside = (name: string) => `${current().root}/${name}`;
  return {
    local,
    at: (name: string) => parseDatastorePath(inside(name)),
    text: (name: string) => readFile(local(inside(name)), "utf8"),
    files: async () => {
      const { lab, root } = current();
      return (await lab.raw.contents()).files
        .filter((file) => file.startsWith(`${root}/`) && file !== `${root}/`)
        .map((file) => file.slice(root.length + 1));
    },
    /** What this process takes to be in the folder without asking again. */
    known: async () => {
      const { lab, root } = current();
      return (await knownListing(lab.host, parseDatastorePath(root), signal))?.map(({ name }) => name);
    },
    /** Writes files with their names as content. */
    put: async (...names: readonly string[]) => {
      for (const name of names) {
        const file = local(inside(name));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, name);
      }
    },
  };
}

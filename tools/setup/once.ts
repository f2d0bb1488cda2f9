import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { cacheFolder } from "./cache.mjs";
import { say } from "./command.ts";
import { withLock } from "./lock.mjs";

/**
 * A folder of the cache that `make` fills once. It appears complete or not at all: `make` works in a
 * draft beside it, and a second process waits for the first.
 *
 * @param name the folder's path below the cache, with the version in it
 * @param make fills the empty folder that it is given; what it throws is thrown, and the draft removed
 * @returns the folder's absolute path
 */
export async function madeOnce(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const lock = join(cacheFolder(), "locks", `${name.replaceAll(/[\\/]/g, "-")}.lock`);
  const onWait = (pid: number) => say(`Waiting for process ${pid}, which prepares ${name}…`);
  return withLock(
    lock,
    async () => {
      if (existsSync(folder)) return folder;
      const draft = join(dirname(folder), `.${basename(folder)}.draft`);
      rmSync(draft, { recursive: true, force: true });
      mkdirSync(draft, { recursive: true });
      try {
        await make(draft);
        renameSync(draft, folder);
      } finally {
        rmSync(draft, { recursive: true, force: true });
      }
      return folder;
    },
    { onWait },
  );
}

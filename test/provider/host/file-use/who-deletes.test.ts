/** Whoever deletes, moves or overwrites files of a host asks first who needs them, or says here why nobody can. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROVIDER = join(import.meta.dirname, "../../../../provider");
const TAKES_AWAY =
  /\b(deleteFile|deleteDisk|moveFile|removeFiles|removeMade|removeForeignDisks)\(|"(Destroy|MoveVirtualDisk|DeleteVirtualDisk|DeleteDatastoreFile|MoveDatastoreFile)_Task"|fileOperation === "destroy"/;
const ASKS = /\b(refuseWhileNeeded|refuseToDelete|refuseDiskChanges|refuseWithChildren)\(/;

const NOBODY_CAN: Readonly<Record<string, string>> = {
  "host/datastore/datastore-files.ts": "does what it is told",
  "ssh/commands/esxi-shell.ts": "does what it is told",
  "ssh/commands/vmkfstools.ts": "does what it is told",
  "host/clone/clone-disk.ts": "moves its own draft, and onto no file that is there",
  "host/import/send-disks.ts":
    "removes what it has sent a moment ago, in the folder that its own machine has claimed",
  "host/datastore/api-files.ts": "does what it is told",
  "host/datastore/file-control.ts": "does what it is told",
  "host/shell/ssh-files.ts": "does what it is told",
  "host/shell/into-pool.ts": "removes the flag that it has made",
  "host/marks/mark-file.ts": "its own marks, which no machine uses",
  "host/move/move-vm.ts": "removes the flag that it has made; the machine goes by destroyVm, which asks",
  "host/datastore/place-file.ts": "clears away what it has made a moment ago; who replaces a file has asked",
  "host/datastore/place-folder.ts":
    "clears away what it has made a moment ago, and moves onto nothing that is there",
  "host/shell/vm/ssh-control.ts": "removes the flag that was made with the machine",
  "host/vm/vmx/write-devices.ts": "says what is planned; who carries it out has asked",
  "host/pool/resource-pools.ts": "a pool has no files",
};

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(join(PROVIDER, folder), { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? await sources(path) : [path];
  });
  return (await Promise.all(found)).flat().filter((path) => path.endsWith(".ts"));
}

test("nothing is deleted, moved or overwritten without asking who needs it", async () => {
  const careless: string[] = [];
  const deleting: string[] = [];
  for (const path of await sources("")) {
    const text = await readFile(join(PROVIDER, path), "utf8");
    if (!TAKES_AWAY.test(text)) continue;
    deleting.push(path);
    if (!ASKS.test(text) && NOBODY_CAN[path] === undefined) careless.push(path);
  }
  expect(careless).toEqual([]);
  expect(deleting).toEqual(expect.arrayContaining(Object.keys(NOBODY_CAN)));
});

/** A fault at any request of a machine that goes to another datastore. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { Row } from "./row.ts";
import { stranger } from "./sources.ts";
import { anyFault } from "./table.ts";

const changing = /^\[(datastore1|ssd|far)\] (it|class)\/|\.log$/;
const datastores = ["datastore1", "ssd", "far"].map((name) => ({ name, capacityBytes: 100 * 1024 ** 3 }));
const strangers: Row["prepare"] = async (lab) => {
  await lab.create({ name: "golden", powerOn: false, datastore: "datastore1" });
  await stranger(lab);
  // Folders above a file that is made stay, as those of disks do.
  for (const file of ["[far] it/notes.txt", "[datastore1] class/notes.txt"]) {
    const path = lab.raw.simulator.localFile(file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "somebody else's");
  }
};

const scratch = {
  name: "it",
  memory: 64,
  guestId: "otherGuest",
  disks: [{ size: 0.0625 }, { label: "far", size: 0.0625, datastore: "far" }],
};
const clone = { name: "it", source: "golden", datastore: "datastore1", powerOn: false };

const rows: readonly Row[] = [
  {
    title: "a machine that runs, and moves to another datastore without one of its disks",
    draws: { writes: 0.8, reads: 0.05 },
    kind: "ScratchVm",
    lifecycle: scratchVm,
    options: { datastores },
    changing,
    prepare: strangers,
    wish: async () => ({ ...scratch, datastore: "datastore1" }),
    change: async () => ({ ...scratch, datastore: "ssd", annotation: "moved" }),
    check: (lab) => lab.raw.rawDisk("it"),
  },
  {
    title: "a full clone that is off, and moves to another folder",
    draws: { writes: 0.5, reads: 0.03 },
    kind: "DatastoreClone",
    lifecycle: datastoreClone,
    options: { datastores },
    changing,
    prepare: strangers,
    wish: async () => clone,
    change: async () => ({ ...clone, folder: "class/a" }),
    check: (lab) => lab.raw.rawDisk("it"),
  },
];

anyFault(rows);

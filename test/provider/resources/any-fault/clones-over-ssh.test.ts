/** A fault at any command and request of a clone's life over SSH. */
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import type { Lab } from "../lab.ts";
import type { Row } from "./row.ts";
import { runningSource, stranger } from "./sources.ts";
import { anyFault } from "./table.ts";

const shared = {
  kind: "DatastoreClone",
  lifecycle: datastoreClone,
  options: { ssh: { listen: "127.0.0.1:0" } },
  changing: /^\[datastore1\] student\/|golden(-\d+)?\.(vmx|vmsd|vmdk)$|\.log$/,
  prepare: async (lab: Lab) => {
    await lab.create({ name: "golden", powerOn: false });
    await stranger(lab);
  },
  check: (lab: Lab) => lab.raw.rawDisk("student"),
  draws: { writes: 1, reads: 0.05 },
};
const student = { name: "student", source: "golden", transport: "ssh" };

const rows: readonly Row[] = [
  {
    ...shared,
    title: "a full clone over SSH",
    wish: async () => student,
    change: async () => ({ ...student, memory: 64 }),
  },
  {
    ...shared,
    title: "a full clone of a machine that runs, over SSH",
    prepare: runningSource,
    wish: async () => ({ ...student, poweredOnSource: "snapshot", powerOn: false }),
    check: async (lab) => [await lab.raw.rawDisk("student"), await lab.raw.rawDisk("golden")],
  },
  {
    ...shared,
    title: "a linked clone over SSH",
    wish: async () => ({ ...student, mode: "linked" }),
    change: async () => ({ ...student, mode: "linked", memory: 64 }),
    draws: { writes: 0.6, reads: 0.05 },
  },
];

anyFault(rows);

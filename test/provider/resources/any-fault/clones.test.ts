/** A fault at any request of a clone's life, made through the API. */
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import type { Lab } from "../lab.ts";
import type { Row } from "./row.ts";
import { runningSource, stranger } from "./sources.ts";
import { anyFault } from "./table.ts";

const shared = {
  kind: "DatastoreClone",
  lifecycle: datastoreClone,
  changing: /^\[datastore1\] student\/|golden(-\d+)?\.(vmx|vmsd|vmdk)$|\.log$/,
  prepare: async (lab: Lab) => {
    await lab.create({ name: "golden", powerOn: false });
    await stranger(lab);
  },
  check: (lab: Lab) => lab.raw.rawDisk("student"),
};
const student = { name: "student", source: "golden" };

const rows: readonly Row[] = [
  {
    ...shared,
    title: "a full clone",
    wish: async () => student,
    change: async () => ({ ...student, memory: 64 }),
  },
  {
    ...shared,
    title: "a full clone of a machine that runs",
    prepare: runningSource,
    wish: async () => ({ ...student, poweredOnSource: "snapshot", powerOn: false }),
    check: async (lab) => [await lab.raw.rawDisk("student"), await lab.raw.rawDisk("golden")],
  },
  {
    ...shared,
    title: "a linked clone",
    wish: async () => ({ ...student, mode: "linked" }),
    change: async () => ({ ...student, mode: "linked", memory: 64 }),
  },
];

anyFault(rows);

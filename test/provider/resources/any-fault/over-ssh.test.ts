/** A fault at any command and request of the life of an OVA and of a file on a host that only SSH may change. */
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import type { Lab } from "../lab.ts";
import type { Row } from "./row.ts";
import { put } from "./sources.ts";
import { anyFault } from "./table.ts";

const shared = {
  options: { ssh: { listen: "127.0.0.1:0" }, license: "free" },
  draws: { writes: 0.5, reads: 0.03 },
} as const;

const rows: readonly Row[] = [
  {
    ...shared,
    title: "an OVA over SSH",
    kind: "OvaDeployment",
    lifecycle: ovaDeployment,
    changing: /^\[datastore1\] student\/|\.log$/,
    prepare: async (lab: Lab) => {
      for (const file of ["student_1/notes.txt", "student_1/pulumi-uploading-0.vmdk"]) await put(lab, file);
    },
    wish: async () => ({ name: "student", ovaPath: tinyOva.path }),
    change: async () => ({ name: "student", ovaPath: tinyOva.path, memory: 64 }),
    check: (lab) => lab.raw.rawDisk("student"),
  },
  {
    ...shared,
    title: "a file over SSH",
    kind: "DatastoreFile",
    lifecycle: datastoreFile,
    changing: /\.log$|\.pulumi-esxi-direct-/,
    prepare: async (lab: Lab) => {
      await put(lab, "iso/other.iso");
      await lab.write("one.iso", Buffer.alloc(300_000, 1));
      await lab.write("two.iso", Buffer.alloc(400_000, 2));
    },
    wish: async () => ({ path: "iso/it.iso", source: "one.iso" }),
    change: async () => ({ path: "iso/it.iso", source: "two.iso" }),
  },
];

anyFault(rows);

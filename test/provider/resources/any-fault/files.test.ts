/** A fault at any request of the life of a file, a folder or a snapshot. */
import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import { vmSnapshot } from "../../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import type { Row } from "./row.ts";
import { put, stranger } from "./sources.ts";
import { anyFault } from "./table.ts";

const rows: readonly Row[] = [
  {
    title: "a file",
    kind: "DatastoreFile",
    lifecycle: datastoreFile,
    changing: /\.log$|\.pulumi-esxi-direct-/,
    prepare: async (lab) => {
      await stranger(lab);
      await put(lab, "iso/other.iso");
      await lab.write("one.iso", Buffer.alloc(300_000, 1));
      await lab.write("two.iso", Buffer.alloc(400_000, 2));
    },
    wish: async () => ({ path: "iso/it.iso", source: "one.iso" }),
    change: async () => ({ path: "iso/it.iso", source: "two.iso" }),
  },
  {
    title: "a folder",
    kind: "DatastoreFolder",
    lifecycle: datastoreFolder,
    changing: /\.log$|\.pulumi-esxi-direct-/,
    prepare: async (lab) => {
      await stranger(lab);
      await put(lab, "iso/other.iso");
    },
    wish: async () => ({ path: "iso/it" }),
  },
  {
    title: "a snapshot",
    kind: "VmSnapshot",
    lifecycle: vmSnapshot,
    changing: /stranger(-\d+)?\.(vmx|vmsd|vmdk)$|\.log$/,
    prepare: stranger,
    wish: async () => ({ vm: "stranger", name: "it", description: "before the course" }),
    change: async () => ({ vm: "stranger", name: "it now", description: "after the course" }),
  },
];

anyFault(rows);

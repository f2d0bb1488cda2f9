/** A fault at any request of the life of a machine from an OVA, and of one from scratch. */
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import type { Row } from "./row.ts";
import { put, stranger } from "./sources.ts";
import { anyFault } from "./table.ts";

const changing = /^\[datastore1\] it\/|\.log$/;
const ova = { name: "it", ovaPath: tinyOva.path, memory: 64, waitFor: { ip: true } };
const scratch = {
  name: "it",
  memory: 64,
  guestId: "otherGuest",
  disks: [{ size: 0.0625 }],
  cdroms: [{ iso: "[datastore1] iso/Core.iso" }],
};

const rows: readonly Row[] = [
  {
    title: "a machine from an OVA",
    kind: "OvaDeployment",
    lifecycle: ovaDeployment,
    changing,
    draws: { writes: 4, reads: 0.3 },
    prepare: stranger,
    wish: async () => ova,
    change: async () => ({ ...ova, memory: 128 }),
    check: (lab) => lab.raw.rawDisk("it"),
  },
  {
    title:
      "a machine from scratch with a disk, an ISO and a place in the list of those that start with the host",
    kind: "ScratchVm",
    lifecycle: scratchVm,
    changing,
    prepare: async (lab) => {
      await stranger(lab);
      await put(lab, "iso/Core.iso");
    },
    wish: async () => ({ ...scratch, autoStart: { order: 1 } }),
    change: async () => ({
      ...scratch,
      disks: [{ size: 0.125 }, { label: "data", size: 0.0625 }],
      cdroms: [],
      autoStart: { enabled: false },
    }),
  },
  {
    title: "a machine from scratch that stays off",
    kind: "ScratchVm",
    lifecycle: scratchVm,
    changing,
    prepare: stranger,
    wish: async () => ({ ...scratch, cdroms: [], powerOn: false }),
    change: async () => ({
      ...scratch,
      cdroms: [],
      powerOn: false,
      disks: [{ size: 0.0625 }, { label: "data", size: 0.0625 }],
    }),
  },
];

anyFault(rows);

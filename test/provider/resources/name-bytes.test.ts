/** Names count by their bytes on a datastore: a Chinese character has three, and what a machine is called its files are. */
import { expect, test } from "vitest";
import { datastoreFile } from "../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmSnapshot } from "../../../provider/resources/vm/vm-snapshot.lifecycle.ts";
import { Lab } from "./lab.ts";
import { Managed } from "./managed.ts";
import { offlineCheck } from "./offline-check.ts";

const chinese = (count: number) => "中".repeat(count);
const CLONE = { source: "golden" };

test.each<[string, Lifecycle, Properties, string]>([
  [
    "a machine",
    scratchVm,
    { name: chinese(78) },
    "name: must have at most 231 bytes in UTF-8, and .* has 234",
  ],
  [
    "a clone",
    datastoreClone,
    { ...CLONE, name: chinese(78) },
    "name: must have at most 231 bytes .* has 234",
  ],
  [
    "a clone's folder",
    datastoreClone,
    { ...CLONE, folder: chinese(78) },
    "folder: .* at most 231 .* has 234",
  ],
  ["a folder", datastoreFolder, { path: `a/${chinese(72)}` }, "path: must have at most 214 bytes .* has 216"],
  ["a folder above it", datastoreFolder, { path: `${chinese(86)}/a` }, "path: .* at most 255 .* has 258"],
])(
  "%s with a name of too many bytes is refused in a preview, with their count",
  async (_, kind, settings, why) => {
    const { failures } = await offlineCheck(kind, settings);
    expect(failures).toContainEqual(expect.stringMatching(new RegExp(`^${why}`)));
  },
);

test.each<[string, Lifecycle, Properties]>([
  ["a machine", scratchVm, { name: `${chinese(77)}` }],
  [
    "a clone in a folder of another name",
    datastoreClone,
    { ...CLONE, name: chinese(80), folder: chinese(77) },
  ],
  ["a machine that is there", scratchVm, { name: chinese(80), adopt: { name: chinese(80) } }],
])("%s with a name of no more bytes is not", async (_, lifecycle, settings) => {
  expect((await offlineCheck(lifecycle, settings)).failures).toEqual([]);
});

test("a machine that was made with such a name is no failure later", async () => {
  const olds = { name: chinese(80) };
  const context = { progress: { status: () => {}, info: () => {}, warn: () => {} }, projectFolder: "/" };
  const lab = await Lab.open();
  try {
    const { failures } = await scratchVm.check(olds, olds, { ...lab.context(), ...context });
    expect(failures).toEqual([]);
  } finally {
    await lab.close();
  }
});

test("a machine, its snapshot, a folder and a file with the longest names are made, and go", async () => {
  const lab = await Lab.open();
  try {
    const before = await lab.raw.contents();
    await lab.write("a.iso", "a");
    const vm = new Managed(lab, "ScratchVm", scratchVm);
    const made = await vm.create({
      name: chinese(77),
      disks: [{ label: "data", size: 0.01 }],
      powerOn: false,
    });
    const snapshot = new Managed(lab, "VmSnapshot", vmSnapshot);
    const frozen = await snapshot.create({ vm: made.id, name: "clean" });
    const folder = new Managed(lab, "DatastoreFolder", datastoreFolder);
    const folderMade = await folder.create({ path: chinese(71) });
    const file = new Managed(lab, "DatastoreFile", datastoreFile);
    const fileMade = await file.create({ path: `${"文".repeat(70)}.iso`, source: "a.iso" });
    const { vms, files } = await lab.raw.contents();
    expect(vms).toEqual([`${chinese(77)}: poweredOff`]);
    expect(files).toContain(`[datastore1] ${chinese(71)}/`);
    await file.delete(fileMade);
    await folder.delete(folderMade);
    await snapshot.delete(frozen);
    await vm.delete(made);
    expect((await lab.raw.contents()).files).toEqual(before.files);
  } finally {
    await lab.close();
  }
});

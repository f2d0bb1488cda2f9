import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { Lab } from "./lab.ts";
import { MEDIA } from "./random-settings.ts";
import { ResourceLab } from "./resource-lab.ts";

/** A host that has all that random settings name: datastores, media, and the disk that is attached. */
export async function settingsLab({ ssh }: { readonly ssh: boolean }): Promise<Lab> {
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * 1024 ** 3 }));
  const lab = await Lab.open({ datastores, ...(ssh && { ssh: { listen: "127.0.0.1:0" } }) });
  const datastore = dirname(lab.raw.simulator.diskFile("[datastore1] x.vmdk"));
  for (const file of MEDIA) await writeFile(join(datastore, file), "a medium");
  const donor = ResourceLab.in(lab, scratchVm, "ScratchVm");
  const disks = [{ label: "shared", size: 1 / 1024, keepOnRemove: true }];
  await donor.delete(await donor.create("shared", { datastore: "datastore1", powerOn: false, disks }));
  return lab;
}

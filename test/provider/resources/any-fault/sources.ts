/** What is on a host before a resource comes: sources, and machines and files of others. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { takeSnapshot } from "../../../../provider/host/vm/vm-snapshots.ts";
import type { Lab } from "../lab.ts";

/** A machine of somebody else's with a snapshot, and a folder with files that look like a machine's. */
export async function stranger(lab: Lab): Promise<void> {
  await lab.create({ name: "stranger", powerOn: false, datastore: "datastore1" });
  await snapshotOf(lab, "stranger");
  for (const file of ["student_1/notes.txt", "student_1/student.vmdk", "pulumi-creating-of-nobody"])
    await put(lab, file);
}

/** A machine that runs, with a snapshot of its owner's. */
export async function runningSource(lab: Lab): Promise<void> {
  await stranger(lab);
  await lab.create({ name: "golden", powerOn: false });
  await snapshotOf(lab, "golden");
  await lab.raw.simulator.behindBack.powerOn(lab.raw.vm("golden").moid);
}

async function snapshotOf(lab: Lab, name: string): Promise<void> {
  const vm = { ref: { type: "VirtualMachine", value: lab.raw.vm(name).moid }, name };
  const wish = { name: "of its owner", description: "to be kept", memory: false, quiesce: false };
  await takeSnapshot(lab.host, vm, wish, { signal: new AbortController().signal });
}

export async function put(lab: Lab, path: string): Promise<void> {
  const file = lab.raw.simulator.localFile(`[datastore1] ${path}`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${path} is somebody else's`);
}

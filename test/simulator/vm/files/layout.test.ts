/** Which files a machine is made of, as `layoutEx` tells it. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { startLab } from "../../host/lab.ts";
import { allTexts } from "../../host/raw-client.ts";
import { createBase, createLinked } from "../snapshot/linked-vm.ts";
import { snapshotSpec } from "../snapshot/snapshot-spec.ts";

it("names the disks that a machine builds on, and those of its snapshots, wherever they lie", async () => {
  const { simulator, client } = await startLab();
  await createBase(simulator, client);
  const linked = await createLinked(client, "linked");
  await client.task("CreateSnapshot_Task", linked, snapshotSpec("first", false));
  const layout = await client.read(linked, "layoutEx");
  expect(
    allTexts(layout, "name")
      .filter((name) => name.endsWith(".vmdk"))
      .sort(),
  ).toEqual([
    "[datastore1] base/base-flat.vmdk",
    "[datastore1] base/base.vmdk",
    "[datastore1] linked/linked-000001-sesparse.vmdk",
    "[datastore1] linked/linked-000001.vmdk",
    "[datastore1] linked/linked-sesparse.vmdk",
    "[datastore1] linked/linked.vmdk",
  ]);
  const [disk = "", snapshot = ""] = [layout.split("<snapshot>")[0], layout.split("<snapshot>")[1]];
  // Each link is a descriptor and what holds its bytes.
  expect(allTexts(disk, "fileKey")).toHaveLength(6);
  expect(allTexts(snapshot, "fileKey")).toHaveLength(4);
});

it("does not name what else lies in the machine's folder", async () => {
  const { simulator, client } = await startLab();
  const vm = await createBase(simulator, client);
  const folder = dirname(simulator.localFile("[datastore1] base/base.vmx"));
  for (const name of ["notes.txt", "other.vmdk", "base-2.nvram"]) await writeFile(join(folder, name), "x");
  await client.task("PowerOnVM_Task", vm);
  const names = allTexts(await client.read(vm, "layoutEx"), "name");
  expect(names).toEqual(
    expect.arrayContaining(["[datastore1] base/base.vmx", "[datastore1] base/base.vmsd"]),
  );
  expect(names.filter((name) => /notes|other|base-2/.test(name))).toEqual([]);
});

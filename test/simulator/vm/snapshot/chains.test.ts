import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../../../../simulator/index.ts";
import { startLab } from "../../host/lab.ts";
import { allTexts, type RawClient } from "../../host/raw-client.ts";
import { createBase, createLinked, guestBytes, guestDigest, sha256 } from "./linked-vm.ts";

const snapshotSpec = (name: string): string =>
  `<name>${name}</name><description>of a test</description><memory>false</memory><quiesce>false</quiesce>`;

async function snapshot(client: RawClient, vm: string, name: string): Promise<string> {
  const end = await client.task("CreateSnapshot_Task", vm, snapshotSpec(name));
  expect(end.state, end.message).toBe("success");
  return `VirtualMachineSnapshot:${end.result}`;
}

/** Runs the VM for one write. @returns what the guest then reads of its disk */
async function change(
  simulator: Simulator,
  client: RawClient,
  vm: string,
  offsetBytes: number,
): Promise<string> {
  expect((await client.task("PowerOnVM_Task", vm)).state).toBe("success");
  await simulator.writeAsGuest(vm.split(":")[1] ?? "", { offsetBytes, data: randomBytes(70_000) });
  expect((await client.task("PowerOffVM_Task", vm)).state).toBe("success");
  return await content(simulator, client, vm);
}

async function diskPath(client: RawClient, vm: string): Promise<string> {
  return allTexts(await client.read(vm, "config.hardware.device"), "fileName")[0] ?? "";
}

async function content(simulator: Simulator, client: RawClient, vm: string): Promise<string> {
  return await guestDigest(simulator, await diskPath(client, vm));
}

const vmdks = async (simulator: Simulator): Promise<string[]> =>
  (await simulator.files("datastore1")).filter((file) => /\.vmdk$/.test(file));

describe("a snapshot", () => {
  it("freezes the disk, and what is written later goes into a delta disk", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    const before = await content(simulator, client, vm);
    const taken = await snapshot(client, vm, "first");
    expect(await diskPath(client, vm)).toBe("[datastore1] base/base-000001.vmdk");
    const after = await change(simulator, client, vm, 2_000_000);
    expect(after).not.toBe(before);
    expect(await guestDigest(simulator, "[datastore1] base/base.vmdk")).toBe(before);
    expect(await client.read(vm, "snapshot")).toContain(
      "<name>first</name><description>of a test</description>",
    );
    expect(allTexts(await client.read(taken, "config.hardware.device"), "fileName")).toEqual([
      "[datastore1] base/base.vmdk",
    ]);
  });

  it("is removed with nothing lost, whichever of three goes first", async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ] as const) {
      const { simulator, client } = await startLab();
      const vm = await createBase(simulator, client);
      const taken: string[] = [];
      let now = "";
      for (const step of [1, 2, 3]) {
        taken.push(await snapshot(client, vm, `s${step}`));
        now = await change(simulator, client, vm, step * 1_500_000);
      }
      for (const index of order) {
        const end = await client.task(
          "RemoveSnapshot_Task",
          taken[index] ?? "",
          "<removeChildren>false</removeChildren>",
        );
        expect(end.state, end.message).toBe("success");
        expect(await content(simulator, client, vm)).toBe(now);
      }
      expect(await vmdks(simulator)).toEqual(["base/base-flat.vmdk", "base/base.vmdk"]);
      expect((await client.task("PowerOnVM_Task", vm)).state).toBe("success");
    }
  });

  it("brings back what was, and a branch from there", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    const before = await content(simulator, client, vm);
    const first = await snapshot(client, vm, "first");
    const then = await change(simulator, client, vm, 100_000);
    const second = await snapshot(client, vm, "second");
    await change(simulator, client, vm, 3_000_000);
    expect((await client.task("RevertToSnapshot_Task", first)).state).toBe("success");
    expect(await content(simulator, client, vm)).toBe(before);
    await snapshot(client, vm, "branch");
    const branched = await change(simulator, client, vm, 4_000_000);
    expect((await client.task("RevertToSnapshot_Task", second)).state).toBe("success");
    expect(await content(simulator, client, vm)).toBe(then);
    expect(branched).not.toBe(then);
    expect((await client.task("RemoveAllSnapshots_Task", vm)).state).toBe("success");
    expect(await content(simulator, client, vm)).toBe(then);
    expect(await client.value(vm, "rootSnapshot")).toBe("");
    expect(await client.value(vm, "snapshot")).toBeUndefined();
  });

  it("of a running VM lets its frozen disk be copied", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    await client.task("PowerOnVM_Task", vm);
    const copy =
      "<sourceName>[datastore1] base/base.vmdk</sourceName><destName>[datastore1] copy.vmdk</destName>" +
      '<destSpec xsi:type="VirtualDiskSpec"><diskType>thin</diskType><adapterType>lsiLogic</adapterType></destSpec>';
    const disks = "VirtualDiskManager:ha-vdiskmanager";
    expect((await client.task("CopyVirtualDisk_Task", disks, copy)).fault).toBe("FileLocked");
    const frozen = sha256(await guestBytes(simulator, "[datastore1] base/base.vmdk"));
    const taken = await snapshot(client, vm, "for the copy");
    await simulator.writeAsGuest(vm.split(":")[1] ?? "", { offsetBytes: 0, data: randomBytes(10_000) });
    const now = await content(simulator, client, vm);
    expect((await client.task("CopyVirtualDisk_Task", disks, copy)).state).toBe("success");
    expect(await guestDigest(simulator, "[datastore1] copy.vmdk")).toBe(frozen);
    await client.task("RemoveSnapshot_Task", taken, "<removeChildren>false</removeChildren>");
    expect(await content(simulator, client, vm)).toBe(now);
  });

  it("that is removed or gone back to breaks the linked disks that depend on it", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    const taken = await snapshot(client, vm, "first");
    const linked = await createLinked(client, "linked", "[datastore1] base/base.vmdk");
    await change(simulator, client, vm, 0);
    expect((await client.task("PowerOnVM_Task", linked)).state).toBe("success");
    const held = await client.task("RemoveSnapshot_Task", taken, "<removeChildren>false</removeChildren>");
    expect(held.fault).toBe("FileLocked");
    await client.task("PowerOffVM_Task", linked);
    await client.task("RemoveSnapshot_Task", taken, "<removeChildren>false</removeChildren>");
    expect((await client.task("PowerOnVM_Task", linked)).message).toMatch(/content ID/);
  });

  it("goes with its VM", async () => {
    const { simulator, client } = await startLab();
    const vm = await createBase(simulator, client);
    await snapshot(client, vm, "first");
    await snapshot(client, vm, "second");
    await client.task("Destroy_Task", vm);
    expect(await simulator.files("datastore1")).toEqual([]);
  });

  it("is kept over a restart of the host", async () => {
    const first = await startLab();
    const vm = await createBase(first.simulator, first.client);
    await snapshot(first.client, vm, "kept");
    const after = await change(first.simulator, first.client, vm, 5000);
    const again = await first.host.restart();
    const [found] = again.vms();
    const disk = found?.config.hardware.device?.find((device) => device.$type === "VirtualDisk")?.backing;
    expect(disk && "fileName" in disk && (await guestDigest(again, String(disk.fileName)))).toBe(after);
  });
});

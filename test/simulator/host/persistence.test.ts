import { cp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startSimulator } from "../../../simulator/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { importSpec, openLease } from "../lease/import.ts";
import { connect, createVm, disk, nic, SCSI } from "./lab.ts";
import { PASSWORD } from "./raw-client.ts";

async function stateFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

it("is the same host after a restart: identity, port, VMs, files", async () => {
  const stateDir = await stateFolder();
  const first = await startSimulator({ stateDir, password: PASSWORD });
  const client = connect(first);
  await client.login();
  const vm = await createVm(client, "a", { tail: SCSI + disk(1024) + nic() });
  await createVm(client, "b");
  await client.task("PowerOnVM_Task", vm);
  const before = first.vms().map(({ config, ...rest }) => ({ ...rest, device: config.hardware.device }));
  await first.stop();

  const second = await startSimulator({ stateDir, password: PASSWORD, guestAddressDelayMs: 0 });
  onTestFinished(() => second.stop());
  expect(second).toMatchObject({ port: first.port, thumbprint: first.thumbprint, hostUuid: first.hostUuid });
  expect(second.vms().map(({ config, ...rest }) => ({ ...rest, device: config.hardware.device }))).toEqual(
    before,
  );
  const again = connect(second);
  await again.login();
  await expect.poll(() => again.value(vm, "guest.ipAddress")).toMatch(/^10\./);
  expect(await createVm(again, "c")).toBe("VirtualMachine:3");
});

it("has no session and no lease of an earlier run, and nothing of an unfinished import", async () => {
  const stateDir = await stateFolder();
  const first = await startSimulator({ stateDir, password: PASSWORD });
  const client = connect(first);
  await client.login();
  const { spec } = await importSpec(client, "a");
  await openLease(client, first, spec);
  // What the disk holds now is what a kill -9 would leave.
  const killed = await stateFolder();
  await cp(stateDir, killed, { recursive: true });
  await first.stop();
  expect(await first.files("datastore1")).toEqual([]);

  expect(await readFile(join(killed, "inventory.json"), "utf8")).toContain('"importing": true');
  const second = await startSimulator({ stateDir: killed, password: PASSWORD });
  onTestFinished(() => second.stop());
  expect(second.vms()).toEqual([]);
  expect(await second.files("datastore1")).toEqual([]);
  expect(second.sessions()).toEqual([]);
});

it("writes no password to its state folder", async () => {
  const stateDir = await stateFolder();
  const simulator = await startSimulator({ stateDir, password: PASSWORD });
  const client = connect(simulator);
  await client.login();
  await createVm(client, "a");
  await simulator.stop();
  for (const file of await readdir(stateDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile())
      expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain(PASSWORD);
  }
});

it("lets two hosts with two folders run side by side", async () => {
  const [one, two] = await Promise.all([
    startSimulator({ stateDir: await stateFolder(), password: PASSWORD }),
    startSimulator({ stateDir: await stateFolder(), password: PASSWORD }),
  ]);
  onTestFinished(async () => {
    await one.stop();
    await two.stop();
  });
  expect(one.port).not.toBe(two.port);
  expect(one.hostUuid).not.toBe(two.hostUuid);
  expect(one.thumbprint).not.toBe(two.thumbprint);
});

import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Simulator } from "../../../simulator/index.ts";
import { importSpec, openLease } from "../lease/import.ts";
import { createVm, disk, nic, restart, SCSI, startHost, startLab } from "./lab.ts";
import { PASSWORD } from "./raw-client.ts";

it("is the same host after a restart: identity, port, VMs, files", async () => {
  const { host, simulator: first, client } = await startLab();
  const vm = await createVm(client, "a", { tail: SCSI + disk(1024) + nic() });
  await createVm(client, "b");
  await client.task("PowerOnVM_Task", vm);
  // A guest's Tools begin to run when they like.
  const machines = (simulator: Simulator) =>
    simulator.vms().map(({ config, toolsRunning: _, ...rest }) => ({
      ...rest,
      device: config.hardware.device,
    }));
  const before = machines(first);

  const { simulator: second, client: again } = await restart(host, { guestAddressDelayMs: 0 });
  expect(second).toMatchObject({ port: first.port, thumbprint: first.thumbprint, hostUuid: first.hostUuid });
  expect(machines(second)).toEqual(before);
  await expect.poll(() => again.value(vm, "guest.ipAddress")).toMatch(/^10\./);
  expect(await createVm(again, "c")).toBe("VirtualMachine:3");
});

it("has no session and no lease of an earlier run, and nothing of an unfinished import", async () => {
  const { host, simulator: first, client } = await startLab();
  const { spec } = await importSpec(client, "a");
  await openLease(client, first, spec);
  // What the disk holds now is what a kill -9 would leave.
  const killed = `${host.stateDir}-killed`;
  await cp(host.stateDir, killed, { recursive: true });
  await first.stop();
  expect(await first.files("datastore1")).toEqual([]);

  expect(await readFile(join(killed, "inventory.json"), "utf8")).toContain('"importing": true');
  await rm(host.stateDir, { recursive: true });
  await cp(killed, host.stateDir, { recursive: true });
  const second = await host.restart();
  expect(second.vms()).toEqual([]);
  expect(await second.files("datastore1")).toEqual([]);
  expect(second.sessions()).toEqual([]);
});

it("writes no password to its state folder", async () => {
  const { host, simulator, client } = await startLab();
  await createVm(client, "a");
  await simulator.stop();
  for (const file of await readdir(host.stateDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile())
      expect(await readFile(join(file.parentPath, file.name), "utf8")).not.toContain(PASSWORD);
  }
});

it("lets two hosts with two folders run side by side", async () => {
  const [one, two] = (await Promise.all([startHost(), startHost()])).map(({ simulator }) => simulator);
  expect(one?.port).not.toBe(two?.port);
  expect(one?.hostUuid).not.toBe(two?.hostUuid);
  expect(one?.thumbprint).not.toBe(two?.thumbprint);
});

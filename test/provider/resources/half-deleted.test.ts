/** A machine whose deletion was killed after disks of it had gone: the next program makes it anew. */
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { CloneLab } from "./clone-lab.ts";
import { killAt } from "./kill-at.ts";
import { failure } from "./lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open();
  await clones.golden();
});

afterEach(() => clones.lab.close());

test("a linked clone that was half deleted is told of by a refresh, made anew by an up, and deleted by a destroy", async () => {
  const wish = { source: "golden", mode: "linked", powerOn: false };
  const state = await clones.create("student", wish);
  const { host } = clones.lab;
  const { call } = host.client;
  const killed = killAt(host, "Destroy_Task", "before");
  clones.delete(state).catch(() => {});
  await killed;
  clones.lab.restartAfterKill();
  // Only so that it can be closed at the end; what it was waiting for never comes.
  host.client.call = call;
  expect(clones.lab.raw.diskPaths("student")).toEqual([]);

  const read = await clones.read(state);
  if (read === undefined) throw new Error("A refresh took the machine for gone.");
  clones.lab.said.length = 0;
  expect(await clones.diff(read, wish)).toMatchObject({ changes: true, replaces: ["name"] });
  expect(clones.lab.texts("info")).toEqual(["make anew: its deletion was begun, and disks of it are gone"]);
  await clones.delete(read);
  await clones.create("student", wish);
  expect(clones.lab.raw.diskPaths("student")).toHaveLength(1);
});

test("a clone whose deletion over SSH ended before the machine went is made anew, too", async () => {
  const overSsh = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
  onTestFinished(() => overSsh.lab.close());
  await overSsh.golden();
  const wish = { source: "golden", transport: "ssh", powerOn: false };
  const state = await overSsh.create("student", wish);
  overSsh.lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "'vmsvc/destroy'",
    action: { status: 1, stderr: "not now\n" },
  });
  await failure(overSsh.delete(state));
  overSsh.lab.raw.simulator.faults.clear();
  expect(overSsh.lab.raw.diskPaths("student")).toEqual([]);
  const read = await overSsh.read(state);
  if (read === undefined) throw new Error("A refresh took the machine for gone.");
  expect(await overSsh.diff(read, wish)).toMatchObject({ changes: true, replaces: ["name"] });
  await overSsh.delete(read);
  await overSsh.create("student", wish);
  expect(overSsh.lab.raw.diskPaths("student")).toHaveLength(1);
});

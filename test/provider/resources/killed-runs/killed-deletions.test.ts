/**
 * A machine with a disk on another datastore, and a snapshot of it, whose deletion is killed at one request after the
 * other: the next destroy leaves nothing, with a refresh before it and without. `KILLS=all npm test -- killed-deletions`
 * kills it at every request, usual runs at some.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shellOf } from "../../../../provider/host/shell/host-shell.ts";
import { Lab } from "../lab.ts";
import { Engine, type Program } from "./engine.ts";
import { Runs } from "./runs.ts";

const ALL = process.env.KILLS === "all";
/** Every how many-th request the usual runs are killed at. */
const STEP = ALL ? 1 : 5;

describe.each(["api", "ssh"] as const)("over %s", (transport) => {
  const program: Program = {
    vm: {
      kind: "ScratchVm",
      args: {
        name: "vm",
        datastore: "datastore1",
        guestId: "otherGuest",
        memory: 64,
        powerOn: false,
        disks: [
          { label: "system", size: 0.0625 },
          { label: "far", size: 0.0625, datastore: "ssd" },
        ],
      },
    },
  };
  let lab: Lab;

  beforeAll(async () => {
    const datastores = ["datastore1", "ssd"].map((name) => ({ name, capacityBytes: 1024 ** 3 }));
    lab = await Lab.open({ datastores, ssh: { listen: "127.0.0.1:0" } });
    if (transport === "api") return;
    await lab.raw.restart({ license: "free" });
    await lab.restart();
  });

  afterAll(() => lab.close());

  test("a killed deletion is ended by the next run, with its folders on both datastores", {
    timeout: 1_800_000,
  }, async () => {
    const engine = new Engine();
    const runs = new Runs(lab, /^/);
    const destroy = (context: Parameters<Engine["destroy"]>[0]) => engine.destroy(context);
    const made = async () => {
      await runs.run((context) => engine.up(program, context));
      const shell = await shellOf(lab.host).open();
      await shell.createSnapshot(lab.raw.vm("vm").moid, "before the exam", new AbortController().signal);
    };
    await runs.remember("nothing");
    await made();
    const requests = await runs.run(destroy);
    await runs.expectLike("nothing");
    for (let request = 1; request <= requests; request += STEP) {
      for (const refreshes of [false, true]) {
        await made();
        await runs.killed({ request, moment: "after" }, destroy);
        if (refreshes) await runs.run((context) => engine.refresh(context));
        await runs.run(destroy);
        await runs.expectLike("nothing");
      }
    }
    expect(requests).toBeGreaterThan(STEP);
  });
});

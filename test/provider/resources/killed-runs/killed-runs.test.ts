/**
 * Runs that keep the state once, when they end, killed at a request that chance chooses: updates, replacements, removals,
 * destroys, and what was to make a killed one good. `up` with `esxi:takeBack` ends with exactly what is declared, and a destroy
 * with nothing. `RANDOM_TIMES=20 npm test -- killed-runs` kills some hundreds of them, `RANDOM_SEED=7` others.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { draws } from "../../../support/draws.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { differences, type Picture, picture } from "../any-fault/picture.ts";
import { untilIdle, wired } from "../any-fault/run.ts";
import { Lab } from "../lab.ts";
import { Engine, type Program } from "./engine.ts";

const BEFORE: Program = {
  isolated: { kind: "VirtualSwitch", args: { name: "isolated", mtu: 1500 } },
  other: { kind: "VirtualSwitch", args: { name: "other" } },
  lan: { kind: "PortGroup", args: { name: "lan", virtualSwitch: "isolated", vlanId: 5 } },
  moving: { kind: "PortGroup", args: { name: "moving", virtualSwitch: "isolated" } },
  pool: { kind: "ResourcePool", args: { name: "pool", memoryLimit: 4096 } },
  ssh: { kind: "HostService", args: { service: "TSM-SSH", running: true, policy: "off" } },
  folder: { kind: "DatastoreFolder", args: { path: "shelf" } },
  seed: { kind: "DatastoreFile", args: { path: "shelf/seed.txt", source: "one.txt" } },
  elsewhere: { kind: "DatastoreFile", args: { path: "shelf/here.txt", source: "one.txt" } },
  base: { kind: "OvaDeployment", args: { name: "base", ovaPath: tinyOva.path, powerOn: false } },
  linked: {
    kind: "DatastoreClone",
    args: { name: "linked", source: "$base", mode: "linked", powerOn: false },
  },
  full: { kind: "DatastoreClone", args: { name: "full", source: "$base", mode: "full", powerOn: false } },
  scratch: {
    kind: "ScratchVm",
    args: {
      name: "scratch",
      guestId: "otherGuest",
      memory: 64,
      disks: [{ label: "data", size: 0.0625 }],
      networkInterfaces: [{ network: "lan" }],
    },
  },
  clean: { kind: "VmSnapshot", args: { vm: "$scratch", name: "clean", description: "before the course" } },
  leaving: {
    kind: "ScratchVm",
    args: { name: "leaving", guestId: "otherGuest", memory: 64, powerOn: false },
  },
};

const { leaving: _, ...STAYING } = BEFORE;
/** Everything changes: in place, by a power cycle, by a replacement with what is made of it; one goes, one comes. */
const AFTER: Program = {
  ...STAYING,
  isolated: { kind: "VirtualSwitch", args: { name: "isolated", mtu: 9000 } },
  lan: { kind: "PortGroup", args: { name: "lan", virtualSwitch: "isolated", vlanId: 7 } },
  moving: { kind: "PortGroup", args: { name: "moving", virtualSwitch: "other" } },
  pool: { kind: "ResourcePool", args: { name: "swimming", memoryLimit: 2048 } },
  ssh: { kind: "HostService", args: { service: "TSM-SSH", running: true, policy: "on" } },
  seed: { kind: "DatastoreFile", args: { path: "shelf/seed.txt", source: "two.txt" } },
  elsewhere: { kind: "DatastoreFile", args: { path: "shelf/there.txt", source: "one.txt" } },
  base: {
    kind: "OvaDeployment",
    args: { name: "base", ovaPath: tinyOva.path, powerOn: false, diskProvisioning: "thick" },
  },
  full: { kind: "DatastoreClone", args: { name: "copy", source: "$base", mode: "full" } },
  scratch: {
    kind: "ScratchVm",
    args: {
      name: "renamed",
      guestId: "otherGuest",
      memory: 128,
      disks: [
        { label: "data", size: 0.0625 },
        { label: "more", size: 0.0625 },
      ],
      networkInterfaces: [{ network: "lan" }],
      extraConfig: { "guestinfo.course": "two" },
    },
  },
  clean: { kind: "VmSnapshot", args: { vm: "$scratch", name: "clean", description: "before the exam" } },
  coming: { kind: "ScratchVm", args: { name: "coming", guestId: "otherGuest", memory: 64 } },
};

/** Contents that are the program's: all others hold sessions, times and identities. */
const CHANGING = /^(?!\[datastore1\] shelf\/\w+\.txt$)/;

let lab: Lab;
let observer: EsxiHost;
const engine = new Engine();
const pictures = new Map<string, Picture>();

beforeAll(async () => {
  lab = await Lab.open({ leaseTimeoutSeconds: 2 });
  observer = lab.connect();
  await lab.write("one.txt", "one");
  await lab.write("two.txt", "the other");
});

afterAll(() => lab.close());

const takingBack = (host?: EsxiHost): Context => ({ ...lab.context(undefined, host), takeBack: true });

async function seen(): Promise<Picture> {
  await untilIdle(lab);
  return picture(lab, observer, CHANGING);
}

/** A run to its end, and how many requests it took. */
async function run(work: (context: Context) => Promise<void>): Promise<number> {
  await lab.restart();
  lab.raw.simulator.requests.clear();
  await work(takingBack());
  return lab.raw.simulator.requests.entries().length;
}

/** A run that is killed at that request; to its end if it has fewer. */
async function killed(
  request: number,
  moment: "before" | "after",
  work: (context: Context) => Promise<void>,
) {
  await lab.restart();
  const { simulator } = lab.raw;
  const line = await wired(lab);
  const isKilled = new Promise<"killed">((resolve) => {
    simulator.faults.add({
      after: request,
      count: 1,
      action: moment === "before" ? "disconnect" : "loseReply",
      onWork: (now) => {
        if (now !== moment) return;
        line.cut();
        resolve("killed");
      },
    });
  });
  const ended = await Promise.race([work(takingBack(line.host)), isKilled]);
  simulator.faults.clear();
  if (ended === "killed") lab.restartAfterKill();
  else await line.close();
}

const upTo = (program: Program) => (context: Context) => engine.up(program, context);
const destroy = (context: Context) => engine.destroy(context);

/** A mark of something that a killed destroy has left: the mark goes first. */
const LOST_MARK = /^- files: .*\.pulumi-esxi-direct-(\w+-\S+\.made|[\da-f]{16}) /;

/** Compares the host with what a run that nobody disturbed has left. @param allowed Differences that do not count. */
async function expectLike(name: string, allowed?: RegExp): Promise<void> {
  const wanted = pictures.get(name);
  if (wanted === undefined) throw new Error(`There is no picture of ${name}.`);
  expect(differences(await seen(), wanted).filter((line) => !allowed?.test(line))).toEqual([]);
}

const kill = (requests: number) =>
  fc.record({
    request: fc.integer({ min: 3, max: requests }),
    moment: fc.constantFrom("before" as const, "after" as const),
  });

test("killed updates, replacements and destroys are made good", { timeout: 3_600_000 }, async () => {
  const lengths = { empty: 0, change: 0, back: 0, destroy: 0 };
  pictures.set("nothing", await seen());
  await run(upTo(BEFORE));
  pictures.set("before", await seen());
  lengths.change = await run(upTo(AFTER));
  pictures.set("after", await seen());
  lengths.back = await run(upTo(BEFORE));
  await expectLike("before");
  lengths.destroy = await run(destroy);
  await expectLike("nothing");
  await run(upTo(BEFORE));

  const change = fc.record({
    first: kill(lengths.change),
    again: fc.option(kill(lengths.change)),
    back: kill(lengths.back),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ first, again, back }) => {
      await killed(first.request, first.moment, upTo(AFTER));
      if (again) await killed(again.request, again.moment, upTo(AFTER));
      await run(upTo(AFTER));
      await expectLike("after");
      expect(await engine.differences(AFTER, takingBack())).toEqual([]);
      await killed(back.request, back.moment, upTo(BEFORE));
      await run(upTo(BEFORE));
      await expectLike("before");
      expect(await engine.differences(BEFORE, takingBack())).toEqual([]);
    }),
    { ...draws(5), endOnFailure: true },
  );

  const end = fc.record({ first: kill(lengths.destroy), next: fc.constantFrom("destroy", "refresh and up") });
  await fc.assert(
    fc.asyncProperty(end, async ({ first, next }) => {
      await killed(first.request, first.moment, destroy);
      if (next === "destroy") {
        await run(destroy);
        await expectLike("nothing");
      } else await run((context) => engine.refresh(context));
      await run(upTo(BEFORE));
      await expectLike("before", LOST_MARK);
      expect(await engine.differences(BEFORE, takingBack())).toEqual([]);
    }),
    { ...draws(5), endOnFailure: true },
  );
  await run(destroy);
  await expectLike("nothing");
});

/**
 * The same on a host whose licence lets the API only read: everything is written over SSH, and no write of the API is even
 * tried. `RANDOM_TIMES=50 npm test -- killed-over-ssh` kills hundreds of runs.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { apiWrites } from "../../../support/api-writes.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { Lab } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";
import type { Program } from "./engine.ts";
import { Runs } from "./runs.ts";

const linked = { source: "golden", mode: "linked" };

const BEFORE: Program = {
  isolated: { kind: "VirtualSwitch", args: { name: "isolated", mtu: 1500 } },
  lan: { kind: "PortGroup", args: { name: "lan", virtualSwitch: "isolated", vlanId: 5 } },
  folder: { kind: "DatastoreFolder", args: { path: "shelf" } },
  seed: { kind: "DatastoreFile", args: { path: "shelf/seed.txt", source: "one.txt" } },
  linked: {
    kind: "DatastoreClone",
    args: { ...linked, name: "linked", resourcePool: "students", memory: 32, annotation: "one" },
  },
  ova: { kind: "OvaDeployment", args: { name: "ova", ovaPath: tinyOva.path, memory: 32 } },
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
  leaving: { kind: "DatastoreClone", args: { ...linked, name: "leaving", powerOn: false } },
  full: { kind: "DatastoreClone", args: { name: "full", source: "golden", mode: "full", powerOn: false } },
};

const { leaving: _, ...STAYING } = BEFORE;
/** Everything changes: in place by a power cycle, to another pool, by a replacement; one goes, one comes. */
const AFTER: Program = {
  ...STAYING,
  isolated: { kind: "VirtualSwitch", args: { name: "isolated", mtu: 9000 } },
  lan: { kind: "PortGroup", args: { name: "lan", virtualSwitch: "isolated", vlanId: 7 } },
  seed: { kind: "DatastoreFile", args: { path: "shelf/seed.txt", source: "two.txt" } },
  linked: {
    kind: "DatastoreClone",
    args: { ...linked, name: "renamed", resourcePool: "teachers", memory: 64, annotation: "two" },
  },
  ova: { kind: "OvaDeployment", args: { name: "deployed", ovaPath: tinyOva.path, memory: 64 } },
  scratch: {
    kind: "ScratchVm",
    args: {
      name: "scratch",
      guestId: "otherGuest",
      memory: 128,
      disks: [
        { label: "data", size: 0.0625 },
        { label: "more", size: 0.0625 },
      ],
      networkInterfaces: [{ network: "lan" }],
    },
  },
  full: { kind: "DatastoreClone", args: { name: "full", source: "golden", mode: "linked", powerOn: false } },
  coming: { kind: "DatastoreClone", args: { ...linked, name: "coming" } },
};

/** Contents that are the program's: all others hold sessions, times and identities. */
const CHANGING = /^(?!\[datastore1\] shelf\/\w+\.txt$)/;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  const pools = ResourceLab.in(lab, resourcePool, "ResourcePool");
  for (const name of ["students", "teachers"]) await pools.create(name);
  await lab.write("one.txt", "one");
  await lab.write("two.txt", "the other");
  await lab.create({ name: "golden", powerOn: false });
  await lab.raw.restart({ license: "free" });
  await lab.restart();
});

afterAll(() => lab.close());

test("killed runs over SSH are made good, and none tries to write through the API", {
  timeout: 3_600_000,
}, async () => {
  const written = new Set<string>();
  await new Runs(lab, CHANGING).madeGood({
    before: BEFORE,
    after: AFTER,
    times: 2,
    afterRun: () => {
      // A write that changes nothing settles what the licence allows.
      const [probe, ...others] = apiWrites(lab.raw.simulator);
      for (const method of [...(probe === "UpdateServicePolicy" ? [] : [probe ?? ""]), ...others])
        written.add(method);
    },
  });
  written.delete("");
  expect([...written]).toEqual([]);
});

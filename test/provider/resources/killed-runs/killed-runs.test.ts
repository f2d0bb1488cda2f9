/**
 * Runs that keep the state once, when they end, killed at a request that chance chooses: updates, replacements, removals,
 * destroys, and what was to make a killed one good. `up` with `esxi:takeBack` ends with exactly what is declared, and a destroy
 * with nothing. `RANDOM_TIMES=20 npm test -- killed-runs` kills some hundreds of them, `RANDOM_SEED=7` others.
 */
import { afterAll, beforeAll, test } from "vitest";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { Lab } from "../lab.ts";
import type { Program } from "./engine.ts";
import { Runs } from "./runs.ts";

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

beforeAll(async () => {
  lab = await Lab.open({ leaseTimeoutSeconds: 2 });
  await lab.write("one.txt", "one");
  await lab.write("two.txt", "the other");
});

afterAll(() => lab.close());

test("killed updates, replacements and destroys are made good", { timeout: 3_600_000 }, () =>
  new Runs(lab, CHANGING).madeGood({ before: BEFORE, after: AFTER, times: 5 }),
);

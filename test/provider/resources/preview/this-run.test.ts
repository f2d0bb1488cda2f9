import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lab } from "../lab.ts";
import { type Previewed, previewed } from "./previewed.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
  await lab.write("core.iso", "an image");
});
afterEach(() => lab.close());

const vm = (args: Previewed["args"] = {}): Previewed => ({
  kind: "ScratchVm",
  args: { name: "vm", ...args },
});

const cases: readonly (readonly [what: string, maker: Previewed, user: Previewed, named: string])[] = [
  [
    "port group",
    { kind: "PortGroup", args: { name: "new-net", virtualSwitch: "vSwitch0" } },
    vm({ networkInterfaces: [{ network: "new-net" }] }),
    "new-net",
  ],
  [
    "pool",
    { kind: "ResourcePool", args: { name: "new-pool" } },
    vm({ resourcePool: "new-pool" }),
    "new-pool",
  ],
  [
    "vSwitch",
    { kind: "VirtualSwitch", args: { name: "new-switch" } },
    { kind: "PortGroup", args: { name: "pg", virtualSwitch: "new-switch" } },
    "new-switch",
  ],
  [
    "file",
    { kind: "DatastoreFile", args: { path: "iso/core.iso", source: "core.iso" } },
    vm({ cdroms: [{ iso: "[datastore1]iso/core.iso" }] }),
    "[datastore1]iso/core.iso",
  ],
  [
    "machine",
    { kind: "ScratchVm", args: { name: "golden" } },
    { kind: "DatastoreClone", args: { name: "copy", source: "golden" } },
    "golden",
  ],
];

for (const [what, maker, user, named] of cases)
  describe(`a ${what} that the same run makes`, () => {
    test("is known to whoever waits for it", async () => {
      expect((await previewed(lab, maker)).failures).toEqual([]);
      expect(await previewed(lab, user)).toEqual({ failures: [], warnings: [] });
    });

    test("is a warning for whoever does not, whichever check comes first", async () => {
      const { failures, warnings } = await previewed(lab, { ...user, madeHere: [named] });
      expect(failures).toEqual([]);
      expect(warnings).toEqual([
        expect.stringMatching(/ yet\. This program makes it, but .* `dependsOn`\.$/),
      ]);
    });

    test("is missing if nobody makes it", async () => {
      expect((await previewed(lab, user)).failures).toHaveLength(1);
    });
  });

test("a file in a folder, or beside a machine, that the run makes may come with it", async () => {
  await previewed(lab, { kind: "DatastoreFolder", args: { path: "shelf" } });
  await previewed(lab, vm({ name: "golden" }));
  const images = [{ iso: "[datastore1] shelf/a.iso" }, { iso: "[datastore1] golden/b.iso" }];
  expect(await previewed(lab, vm({ cdroms: images }))).toEqual({ failures: [], warnings: [] });
});

test("a datastore is made by no run", async () => {
  const { failures } = await previewed(lab, { ...vm({ datastore: "ssd" }), madeHere: ["ssd"] });
  expect(failures).toEqual([expect.stringContaining('no datastore "ssd"')]);
});

/**
 * Draws settings that a host takes, for each kind of virtual machine, and holds Pulumi's promises: what was created
 * reads back equal, the same program changes nothing, another one changes exactly what it says, and nothing is left.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lifecycle, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { vmEntries } from "../../../provider/resources/vm/settings/settings.ts";
import { documentedSettings, PART_OF } from "../../../tools/docs/settings-tables.ts";
import { draws } from "../../support/draws.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import type { Managed } from "./lab.ts";
import { complete, expectShown, MEDIA, RANDOM_SETTINGS, randomSettings, SHARED } from "./random-settings.ts";
import { settingsLab } from "./random-settings-lab.ts";
import { ResourceLab } from "./resource-lab.ts";

const NOT_DRAWN = "vm/not-drawn.ssh.test.ts";
/** Where settings that are not drawn are tested, over SSH if that is another way. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  name: NOT_DRAWN,
  host: "vm/datastore-clone.hosts.test.ts",
  datastore: "vm/place/move-vm.test.ts",
  resourcePool: "move-to-pool.ssh.test.ts",
  allowPowerCycle: "vm/scratch-vm.ssh.test.ts",
  allowReplace: "vm-diff.test.ts",
  autoStart: "auto-start.way.test.ts",
  adopt: NOT_DRAWN,
  powerOn: NOT_DRAWN,
  waitFor: NOT_DRAWN,
  timeouts: NOT_DRAWN,
  cpuShareCount: NOT_DRAWN,
  memoryShareCount: NOT_DRAWN,
  keepOnRemove: NOT_DRAWN,
};
interface Kind {
  readonly kind: string;
  readonly lifecycle: Lifecycle;
  /** What this kind cannot do without. */
  readonly given: Properties;
  readonly count: number;
  /** Whether all of it goes over SSH. */
  readonly ssh?: true;
}

const KINDS: readonly Kind[] = [
  { kind: "ScratchVm", lifecycle: scratchVm, given: {}, count: 100 },
  { kind: "OvaDeployment", lifecycle: ovaDeployment, given: { ovaPath: tinyOva.path }, count: 50 },
  { kind: "DatastoreClone", lifecycle: datastoreClone, given: { source: "golden" }, count: 50 },
  { kind: "ScratchVm", lifecycle: scratchVm, given: {}, count: 6, ssh: true },
  { kind: "OvaDeployment", lifecycle: ovaDeployment, given: { ovaPath: tinyOva.path }, count: 4, ssh: true },
  { kind: "DatastoreClone", lifecycle: datastoreClone, given: { source: "golden" }, count: 4, ssh: true },
];

test("every setting of a virtual machine is drawn, or tested by itself", () => {
  const known = [...Object.keys(RANDOM_SETTINGS), ...Object.keys(ELSEWHERE)];
  expect(Object.keys(vmEntries).filter((key) => !known.includes(key))).toEqual([]);
});

test.each(Object.entries(ELSEWHERE))("%s is tested by itself, in %s", (setting, file) => {
  const text = readFileSync(join(import.meta.dirname, file), "utf8");
  expect(text.split(/\W+/)).toContain(setting);
});

test.each(Object.entries(PART_OF).filter(([, setting]) => setting in RANDOM_SETTINGS))(
  "every property of %s is drawn, or tested by itself",
  (form, setting) => {
    const values = fc
      .sample(randomSettings, { numRuns: 500, seed: 1 })
      .map((drawn) => complete(drawn)[setting]);
    const entries = values.flat().filter((value) => value instanceof Object);
    const known = new Set([...entries.flatMap(Object.keys), ...Object.keys(ELSEWHERE)]);
    const documented = documentedSettings().get(form) ?? [];
    expect(documented.length).toBeGreaterThan(0);
    expect(documented.flatMap(({ name }) => (known.has(name) ? [] : name))).toEqual([]);
  },
);

/** Disks go by their labels, and may stand in any order. */
const byLabel = (disks: readonly { readonly label: string }[]) =>
  [...disks].sort((one, other) => one.label.localeCompare(other.label));

/** With EFI the order of the boot devices is not written over SSH. */
function possible(settings: Properties, ssh: boolean): Properties {
  const { bootOrder, ...others } = settings;
  return ssh && settings.firmware === "efi" ? others : settings;
}

describe.each(KINDS.map((kind) => ({ ...kind, title: `${kind.kind}${kind.ssh ? " over SSH" : ""}` })))(
  "any $title",
  ({ kind, lifecycle, given, count, ssh = false }) => {
    let vms: ResourceLab;
    let serial = 0;

    beforeAll(async () => {
      const lab = await settingsLab({ ssh });
      vms = ResourceLab.in(lab, lifecycle, kind, ssh ? lab.connect({ transport: "ssh" }) : lab.host);
      await vms.lab.create({ name: "golden", datastore: "datastore1", powerOn: false });
    });

    afterAll(async () => {
      await vms.lab.close();
    });

    test("reads back as it was made, changes as the program says, and goes without a trace", {
      timeout: 600_000,
    }, async () => {
      const property = fc.asyncProperty(randomSettings, randomSettings, async (first, second) => {
        const name = `vm ${++serial}`;
        const before = possible(complete({ ...given, datastore: "datastore1", ...first }), ssh);
        const vm = await vms.create(name, before);
        await expectSettled(vm, before);
        const after = possible(complete({ ...before, ...second }, before), ssh);
        const changed = Object.keys(after).filter(
          (key) => !same(key, vm.outs[key] ?? before[key], after[key]),
        );
        vms.lab.said.length = 0;
        expect(await vms.diff(vm, after)).toMatchObject({ changes: changed.length > 0, replaces: [] });
        const told = vms.lab.texts("info").join("\n");
        const named = Object.keys(after).filter((key) => new RegExp(`[:,] ${key}\\b`).test(told));
        expect(named.sort()).toEqual(changed.sort());
        const updated = await vms.update(vm, after);
        await expectSettled(updated, after);
        await vms.delete(updated);
        const { vms: left, files } = await vms.lab.raw.contents();
        expect(left).toEqual(["golden: poweredOff"]);
        const stays = (file: string) =>
          /golden|shared/.test(file) || MEDIA.some((medium) => file.endsWith(medium));
        expect(files.filter((file) => !stays(file))).toEqual([]);
        expect(files).toContain(SHARED);
      });
      await fc.assert(property, { ...draws(count), endOnFailure: true });
    });

    /** Of a map, none is the same as an empty one; and some objects here have no prototype. */
    const same = (key: string, one: unknown, other: unknown) => {
      const plain = (value: unknown) =>
        JSON.stringify(
          key === "disks" && Array.isArray(value)
            ? byLabel(value)
            : (value ?? (["extraConfig", "guestInfo"].includes(key) ? {} : null)),
        );
      return isDeepStrictEqual(JSON.parse(plain(one)), JSON.parse(plain(other)));
    };

    /** The host has it, a refresh tells it, and the same program finds nothing to do. */
    async function expectSettled(vm: Managed, settings: Properties): Promise<void> {
      const there = vms.lab.raw.vm(String(vm.inputs.name));
      expectShown(there.config, settings);
      expect(there.powerState).toBe(settings.powerOn === false ? "poweredOff" : "poweredOn");
      const read = await vms.read(vm);
      expect(read).toBeDefined();
      vms.lab.said.length = 0;
      if (read) await vms.diff(read, settings);
      expect(vms.lab.texts("info")).toEqual([]);
    }
  },
);

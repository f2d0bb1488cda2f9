import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { disksAmong } from "../../../../../provider/host/vm/reading/disk-chain.ts";
import { cdroms } from "../../../../../provider/host/vm/settings/cdroms.ts";
import { labelsToSettle } from "../../../../../provider/host/vm/settings/disk-labels.ts";
import { disks } from "../../../../../provider/host/vm/settings/disks.ts";
import { floppy } from "../../../../../provider/host/vm/settings/floppy.ts";
import { networkInterfaces } from "../../../../../provider/host/vm/settings/network-interfaces.ts";
import { serialPorts } from "../../../../../provider/host/vm/settings/serial-ports.ts";
import type { HostSetting } from "../../../../../provider/host/vm/settings/setting.ts";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import { observeWishes, specOf } from "../../../../../provider/host/vm/settings/wishes.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { draws } from "../../../../support/draws.ts";
import { fileOf, ModelHost } from "./device-model.ts";
import { ATTACHABLE, adapters, disksAt, drives, floppies, ports } from "./random-devices.ts";

/** From nothing to one wish and on to another: each is what the machine then has, and asks for nothing more. */
function comesTrue<Wish>(setting: HostSetting<Wish>, wishes: fc.Arbitrary<Wish>): void {
  fc.assert(
    fc.property(fc.array(wishes, { minLength: 1, maxLength: 4 }), (steps) => {
      const host = new ModelHost();
      for (const wish of steps) {
        host.apply(setting.spec(host.vm, wish));
        expect(setting.observe(host.vm, wish)).toEqual(wish);
        expect(
          setting.spec(host.vm, wish).deviceChange?.filter(({ operation }) => operation !== "edit"),
        ).toEqual([]);
      }
    }),
    draws(200),
  );
}

describe("any wish, after any other, comes true", () => {
  test("for network adapters", () => comesTrue(networkInterfaces, adapters));
  test("for CD drives", () => comesTrue(cdroms, drives));
  test("for serial ports", () => comesTrue(serialPorts, ports));
  test("for the floppy drive", () => {
    fc.assert(
      fc.property(fc.array(floppies, { maxLength: 4 }), (steps) => {
        const host = new ModelHost();
        for (const wish of steps) {
          host.apply(floppy.spec(host.vm, wish));
          expect(floppy.observe(host.vm, wish)).toEqual(wish);
        }
      }),
    );
  });

  test("for disks: labels keep their disks, and nothing is lost that was not taken out", () => {
    fc.assert(
      fc.property(disksAt(1), disksAt(2), disksAt(3), fc.boolean(), (first, second, third, settles) => {
        const host = new ModelHost();
        for (const file of ATTACHABLE) host.files.add(file);
        const made = new Map<string, string>();
        const kept = new Set<string>();
        for (const wish of [first, second, third]) {
          for (const { label, keepOnRemove } of wish) {
            const file = made.get(label);
            if (file !== undefined && keepOnRemove === true) kept.add(file);
            if (file !== undefined && keepOnRemove !== true) kept.delete(file);
          }
          const before = new Map(made);
          host.apply(disks.spec(host.vm, wish));
          const notes = settles ? labelsToSettle(host.vm) : undefined;
          for (const [key, value] of Object.entries(notes ?? {})) {
            host.apply({ extraConfig: [create("OptionValue", { key, value })] });
          }
          expect(disks.observe(host.vm, wish)).toEqual(wish);
          expect(disksAmong(host.vm.devices)).toHaveLength(wish.length);
          for (const { label, keepOnRemove } of wish) {
            const file = fileOfLabel(host, label);
            if (before.has(label)) expect(file).toBe(before.get(label));
            made.set(label, file);
            if (keepOnRemove === true) kept.add(file);
          }
          for (const [label, file] of before) {
            if (wish.some((disk) => disk.label === label)) continue;
            expect(host.files.has(file)).toBe(kept.has(file) || ATTACHABLE.includes(file));
            made.delete(label);
          }
        }
      }),
      draws(300),
    );
  });

  test("for all of them in one specification, without a place taken twice", () => {
    const all = fc.record({
      disks: disksAt(1).map((wishes) => wishes.filter(({ attach }) => attach === undefined)),
      cdroms: drives,
      floppy: floppies,
      networkInterfaces: adapters,
      serialPorts: ports,
    }) as fc.Arbitrary<VmWishes>;
    fc.assert(
      fc.property(all, (wishes) => {
        const host = new ModelHost();
        host.apply(specOf(host.vm, wishes));
        expect(observeWishes(host.vm, wishes)).toEqual(wishes);
      }),
      draws(200),
    );
  });
});

/** The file that the label's disk has, found by asking for its path. */
function fileOfLabel(host: ModelHost, label: string): string {
  const [found] = disks.observe(host.vm, [{ label, attach: "" }]);
  const file = found?.attach ?? "";
  expect(disksAmong(host.vm.devices).map(fileOf)).toContain(file);
  return file;
}

/** Settings that are not drawn at random, over SSH, for each kind of virtual machine. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import { ovaDeployment } from "../../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { settingsLab } from "../random-settings-lab.ts";
import { ResourceLab } from "../resource-lab.ts";
import { writesByApi } from "../writes-by-api.ts";

interface Kind {
  readonly kind: string;
  readonly lifecycle: Lifecycle;
  readonly given: Properties;
}

const KINDS: readonly Kind[] = [
  { kind: "ScratchVm", lifecycle: scratchVm, given: { networkInterfaces: [{ network: "VM Network" }] } },
  { kind: "OvaDeployment", lifecycle: ovaDeployment, given: { ovaPath: tinyOva.path } },
  { kind: "DatastoreClone", lifecycle: datastoreClone, given: { source: "golden" } },
];

describe.each(KINDS)("$kind", ({ kind, lifecycle, given }) => {
  let vms: ResourceLab;
  let before: readonly string[];

  const all = (settings: Properties) => ({ ...given, datastore: "datastore1", memory: 64, ...settings });
  const raw = (name: string) => vms.lab.raw.vm(name);
  const files = async () => (await vms.lab.raw.contents()).files;

  beforeAll(async () => {
    const lab = await settingsLab({ ssh: true });
    vms = ResourceLab.in(lab, lifecycle, kind, lab.connect({ transport: "ssh" }));
    await lab.create({ name: "golden", datastore: "datastore1", powerOn: false });
    before = await files();
  });

  beforeEach(() => vms.lab.raw.simulator.requests.clear());

  afterAll(() => vms.lab.close());

  test("powerOn once starts a machine, and leaves it as its users have left it", async () => {
    const once = (memory: number) => all({ memory, powerOn: "once", timeouts: { shutdownSeconds: 0 } });
    const vm = await vms.create("vm", once(64));
    expect(raw("vm").powerState).toBe("poweredOn");
    const larger = await vms.update(vm, once(128));
    expect(raw("vm")).toMatchObject({ powerState: "poweredOn", config: { hardware: { memoryMB: 128 } } });
    await vms.lab.raw.simulator.behindBack.powerOff(raw("vm").moid);
    const read = (await vms.read(larger)) ?? larger;
    expect(await vms.diff(read, once(128))).toMatchObject({ changes: false });
    const again = await vms.update(read, once(256));
    expect(raw("vm")).toMatchObject({ powerState: "poweredOff", config: { hardware: { memoryMB: 256 } } });
    await vms.delete(again);
    expect(await files()).toEqual(before);
    expect(writesByApi(vms.lab)).toEqual([]);
  });

  test("an installer is waited for when its machine is made, and never again", async () => {
    const hard = { timeouts: { shutdownSeconds: 0 }, waitFor: { poweredOff: true } };
    const installing = (annotation: string) => all({ annotation, ...hard });
    const making = vms.create("vm", installing("new"));
    const waiting = "waiting for the machine to switch itself off";
    await expect.poll(() => vms.lab.texts("status")).toContain(waiting);
    await vms.lab.raw.simulator.behindBack.powerOff(raw("vm").moid);
    const vm = await making;
    await vms.lab.raw.simulator.behindBack.powerOn(raw("vm").moid);
    vms.lab.said.length = 0;
    const changed = await vms.update((await vms.read(vm)) ?? vm, installing("in use"));
    expect(raw("vm")).toMatchObject({ powerState: "poweredOn", config: { annotation: "in use" } });
    expect(vms.lab.texts("status")).not.toContain(waiting);
    await vms.delete(changed);
    expect(await files()).toEqual(before);
  });

  test("what ignoreChanges names stays as somebody else has made it", async () => {
    const settings = all({ annotation: "ours", powerOn: false, __ignoreChanges: ["annotation"] });
    const vm = await vms.create("vm", settings);
    expect(raw("vm").config.annotation).toBe("ours");
    await vms.lab.raw.simulator.behindBack.reconfigure(raw("vm").moid, { annotation: "theirs" });
    const read = (await vms.read(vm)) ?? vm;
    const changed = await vms.update(read, { ...settings, memory: 128 });
    expect(raw("vm").config).toMatchObject({ annotation: "theirs", hardware: { memoryMB: 128 } });
    await vms.delete(changed);
    expect(await files()).toEqual(before);
  });

  test("another name and another size take one power cycle, for which a guest with Tools is asked", async () => {
    const vm = await vms.create("vm", all({ waitFor: { tools: true } }));
    const shares = {
      cpuShareLevel: "custom",
      cpuShareCount: 77,
      memoryShareLevel: "custom",
      memoryShareCount: 99,
    };
    const settings = { ...all({ memory: 128, ...shares }), name: "other" };
    const renamed = await vms.update(vm, settings);
    expect(raw("other")).toMatchObject({
      powerState: "poweredOn",
      config: {
        hardware: { memoryMB: 128 },
        cpuAllocation: { shares: { level: "custom", shares: 77 } },
        memoryAllocation: { shares: { level: "custom", shares: 99 } },
      },
    });
    expect(await vms.diff((await vms.read(renamed)) ?? renamed, settings)).toMatchObject({ changes: false });
    await vms.delete(renamed);
    expect(await files()).toEqual(before);
    expect(writesByApi(vms.lab)).toEqual([]);
  });

  test("a disk with keepOnRemove stays when its entry goes, and when its machine goes", async () => {
    const kept = (...labels: readonly string[]) =>
      all({
        powerOn: false,
        disks: labels.map((label) => ({ label, size: 1 / 1024, controller: "nvme", keepOnRemove: true })),
      });
    const vm = await vms.create("vm", kept("a", "b"));
    const disks = (await files()).filter((file) => /vm\/.*\.vmdk$/.test(file) && !before.includes(file));
    const without = await vms.update(vm, kept("b"));
    expect(await files()).toEqual(expect.arrayContaining(disks));
    await vms.delete(without);
    const own = kind === "ScratchVm" ? [] : disks.filter((file) => /vm\/vm(-flat)?\.vmdk$/.test(file));
    const left = (await files()).filter((file) => !before.includes(file) && /\.vmdk$/.test(file));
    expect(left).toEqual(disks.filter((file) => !own.includes(file)));
    expect(left.length).toBe(4);
  });

  test("a machine that is adopted is changed over SSH, and goes", async () => {
    const stranger = ResourceLab.in(vms.lab, lifecycle, kind);
    const { inputs } = await stranger.create("theirs", all({ powerOn: false }));
    vms.lab.raw.simulator.requests.clear();
    expect(inputs.name).toBe("theirs");
    const adopt = { adopt: { name: "theirs" }, powerOn: false };
    const vm = await vms.create("theirs", all(adopt));
    const changed = await vms.update(vm, all({ ...adopt, memory: 128 }));
    expect(raw("theirs").config.hardware.memoryMB).toBe(128);
    await vms.delete(changed);
    expect(writesByApi(vms.lab)).toEqual([]);
  });
});

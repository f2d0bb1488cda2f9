import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, type Managed } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(async () => {
  await vms.lab.close();
});

describe("a machine from nothing", () => {
  test("is made in one step, as the program says, and powered on", async () => {
    const vm = await vms.create("core", { memory: 128, numCpus: 2, annotation: "from nothing" });
    const there = vms.lab.raw.vm("core");
    expect(there.config).toMatchObject({ name: "core", annotation: "from nothing" });
    expect(there.config.hardware).toMatchObject({ memoryMB: 128, numCPU: 2 });
    expect(there.powerState).toBe("poweredOn");
    expect(vm.outs).toMatchObject({ memory: 128, numCpus: 2, powerState: "poweredOn", __phase: "done" });
    expect(vms.lab.raw.count("CreateVM_Task")).toBe(1);
    expect(vms.lab.ownerMark(there)).toMatchObject({ phase: "created" });
  });

  test("is what a refresh finds, and the same program changes nothing", async () => {
    const settings = { memory: 128, extraConfig: { "guestinfo.a": "1" }, powerOn: false };
    const vm = (await vms.read(await vms.create("core", settings))) as Managed;
    expect((await vms.diff(vm, settings)).changes).toBe(false);
  });

  test("changes in place, and goes without a trace", async () => {
    const vm = await vms.update(await vms.create("core", { memory: 128 }), { memory: 256, powerOn: false });
    expect(vms.lab.raw.vm("core").config.hardware.memoryMB).toBe(256);
    await vms.delete(vm);
    expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
  });

  test("is refused where a machine of its name is, which is left alone", async () => {
    await vms.lab.create({ name: "core", powerOn: false });
    await vms.lab.restart();
    const { message } = await failure(vms.create("core"));
    expect(message).toMatch(/has a VM named "core" already, and it is left alone/);
    expect(message).toMatch(
      /To take it over as it is, set adopt: { name: "core" }; else give this resource another `name`/,
    );
    expect(message).not.toMatch(/delete/);
    expect((await vms.lab.raw.contents()).vms).toEqual(["core: poweredOff"]);
  });
});

describe("what is there already", () => {
  test("is adopted without being touched", async () => {
    const there = await vms.lab.create({ name: "old", powerOn: false });
    const writes = vms.lab.raw.count();
    const vm = await vms.create("old", { adopt: { name: "old" }, memory: 128, powerOn: false });
    expect(vm.id).toBe(there.id);
    expect(vms.lab.raw.count("ReconfigVM_Task") + vms.lab.raw.count("CreateVM_Task")).toBeLessThan(writes);
    expect(vms.lab.texts("warn").join()).toMatch(/was made by the resource/);
    expect((await vms.diff(vm, { adopt: { name: "old" }, memory: 128, powerOn: false })).changes).toBe(false);
  });

  test("is not adopted if it differs, and every difference is named", async () => {
    await vms.lab.create({ name: "old", powerOn: false, memory: 64 });
    const wish = { adopt: { name: "old" }, memory: 128, powerOn: true, guestInfo: { a: "secret" } };
    const { inputs, failures } = await vms.check("new", wish);
    expect(failures.map(({ property }) => property)).toEqual(["adopt"]);
    // A host may have changed since the preview.
    const { message } = await failure(scratchVm.create(inputs, vms.lab.context()));
    for (const text of [failures[0]?.reason ?? "", message]) {
      expect(text).toMatch(/name: the machine has "old", the program says "new"/);
      expect(text).toMatch(/memory: the machine has 64, the program says 128/);
      expect(text).toMatch(/powerOn: the machine has false, the program says true/);
      expect(text).toMatch(/extraConfig\.guestinfo\.a/);
      expect(text).not.toMatch(/secret/);
    }
    expect(vms.lab.raw.vm("old").config.hardware.memoryMB).toBe(64);
  });

  test("is compared with what the program says, and not with what a new machine would be given", async () => {
    const there = await vms.lab.create({ name: "old", powerOn: false, memory: 64, numCpus: 2 });
    const adopt = { adopt: { name: "old" } };
    const vm = await vms.create("old", adopt);
    expect(vm.outs).toMatchObject({
      instanceUuid: there.id,
      memory: 64,
      numCpus: 2,
      powerState: "poweredOff",
    });
    expect((await vms.diff(vm, adopt)).changes).toBe(false);
    const changed = await vms.update(vm, { ...adopt, annotation: "ours now" });
    expect(changed.outs).toMatchObject({ memory: 64, numCpus: 2, powerState: "poweredOff" });
    // Without the argument, too, it is no new machine.
    const later = { annotation: "ours now" };
    expect(await vms.diff(changed, later)).toMatchObject({ changes: false });
    const kept = await vms.update(changed, later);
    expect(vms.lab.raw.vm("old").config.hardware).toMatchObject({ memoryMB: 64, numCPU: 2 });
    expect(vms.lab.raw.vm("old").powerState).toBe("poweredOff");
    expect((await vms.diff(kept, later)).changes).toBe(false);
    const larger = await vms.update(kept, { ...later, memory: 128 });
    expect(larger.outs).toMatchObject({ memory: 128, numCpus: 2 });
  });

  test("must be there, and be one only", async () => {
    const nobody = await vms.check("x", { adopt: { name: "nobody" } });
    expect(nobody.failures).toMatchObject([
      { property: "adopt", reason: expect.stringMatching(/no machine named "nobody" to adopt/) },
    ]);
    const { failures } = await vms.check("x", { adopt: { name: "a", instanceUuid: "b" } });
    expect(failures).toEqual([
      { property: "adopt", reason: "must have either a name, an instanceUuid or a vmxPath" },
    ]);
  });
});

describe("what is for the guest", () => {
  const KEY = `ssh-ed25519 ${"A".repeat(68)} me@home`;

  test("is written so that cloud-init's VMware data source reads it", async () => {
    await vms.create("core", {
      powerOn: false,
      cloudInit: {
        userData: "#cloud-config\npackages: [nginx]\n",
        metaData: { "local-hostname": "core" },
        networkConfig: { version: 2, ethernets: { eth0: { dhcp4: true } } },
      },
      sshAuthorizedKeys: [KEY],
      guestInfo: { colour: "blue" },
      ignition: { ignition: { version: "3.4.0" } },
    });
    const of = (key: string) => String(vms.lab.extraConfig(vms.lab.raw.vm("core"), `guestinfo.${key}`));
    const decoded = (key: string) => Buffer.from(of(key), "base64").toString();
    expect(of("colour")).toBe("blue");
    expect(of("userdata.encoding")).toBe("base64");
    expect(decoded("userdata")).toBe("#cloud-config\npackages: [nginx]\n");
    const metadata = JSON.parse(decoded("metadata"));
    expect(metadata).toMatchObject({
      "local-hostname": "core",
      "public-keys": [KEY],
      "network.encoding": "base64",
    });
    expect(JSON.parse(Buffer.from(metadata.network, "base64").toString())).toEqual({
      version: 2,
      ethernets: { eth0: { dhcp4: true } },
    });
    expect(JSON.parse(decoded("ignition.config.data"))).toEqual({ ignition: { version: "3.4.0" } });
  });

  test("changes in place, goes when the program takes it out, and what the guest cleared is not told again", async () => {
    const settings = {
      powerOn: false,
      cloudInit: { userData: "#cloud-config\n" },
      guestInfo: { a: "1", b: "2" },
    };
    const vm = await vms.create("core", settings);
    await vms.lab.raw.simulator.behindBack.reconfigure(vms.lab.raw.vm("core").moid, {
      extraConfig: [{ $type: "OptionValue", key: "guestinfo.userdata", value: "---" }],
    });
    const { b: _, ...left } = settings.guestInfo;
    await vms.update(vm, { ...settings, guestInfo: left });
    const there = vms.lab.raw.vm("core");
    expect(vms.lab.extraConfig(there, "guestinfo.b")).toBeUndefined();
    expect(vms.lab.extraConfig(there, "guestinfo.a")).toBe("1");
    expect(vms.lab.extraConfig(there, "guestinfo.userdata")).toBe("---");
  });

  test.each([
    ["sshAuthorizedKeys.0", { sshAuthorizedKeys: ["not a key"] }],
    ["guestInfo.guestinfo.a", { guestInfo: { "guestinfo.a": "1" } }],
    ["cloudInit.metaData", { cloudInit: { metaData: "a: 1" }, sshAuthorizedKeys: [KEY] }],
    ["guestInfo.userdata", { cloudInit: { userData: "x" }, guestInfo: { userdata: "y" } }],
  ])("a mistake in %s is found at preview", async (property, settings) => {
    const { failures } = await vms.check("core", settings);
    expect(failures.map((found) => found.property)).toEqual([property]);
  });
});

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../../../../simulator/index.ts";
import { createVm, nic, startLab } from "../../host/lab.ts";
import { allTexts, firstText, type RawClient } from "../../host/raw-client.ts";
import { add, controller, device, flat, newDisk, outcome, power, remove } from "../device/device-spec.ts";
import { guestDigest } from "./linked-vm.ts";
import { snapshotSpec } from "./snapshot-spec.ts";

const DISK = controller("ParaVirtualSCSIController") + newDisk(-1, 1024);
const REMOVE = "<removeChildren>false</removeChildren>";

async function take(client: RawClient, vm: string, name: string, memory = false): Promise<string> {
  const end = await client.task("CreateSnapshot_Task", vm, snapshotSpec(name, memory));
  expect(end.state, end.message).toBe("success");
  return `VirtualMachineSnapshot:${end.result}`;
}

/** Has the guest write something. @returns the digest of what is on the disk then */
async function write(simulator: Simulator, client: RawClient, vm: string): Promise<string> {
  await power(client, vm, "On");
  await simulator.writeAsGuest(vm.split(":")[1] ?? "", { offsetBytes: 4096, data: randomBytes(9000) });
  await power(client, vm, "Off");
  return await digest(simulator);
}

async function digest(simulator: Simulator): Promise<string> {
  const { backing } = device(simulator, 2000) ?? {};
  return await guestDigest(simulator, backing && "fileName" in backing ? String(backing.fileName) : "");
}

const vmdks = async (simulator: Simulator): Promise<string[]> =>
  (await simulator.files("datastore1")).filter((file) => /\.vmdk$/.test(file));

describe("going back to a snapshot", () => {
  it("brings back CPUs, memory, settings and devices along with what was on the disk", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK + nic() });
    const before = await write(simulator, client, vm);
    const taken = await take(client, vm, "first");
    await write(simulator, client, vm);
    const change =
      "<numCPUs>4</numCPUs><memoryMB>256</memoryMB>" +
      remove("VirtualVmxnet3", { key: 4000 }) +
      newDisk(1000, 2048, "", 3) +
      "<cpuAllocation><reservation>100</reservation></cpuAllocation><bootOptions><bootDelay>900</bootDelay></bootOptions>";
    expect(await outcome(client, vm, change)).toBe("");
    await client.task("Rename_Task", vm, "<newName>renamed</newName>");
    expect((await client.task("RevertToSnapshot_Task", taken)).state).toBe("success");
    const [now] = simulator.vms();
    expect(now).toMatchObject({
      name: "renamed",
      config: {
        hardware: { numCPU: 1, memoryMB: 64 },
        cpuAllocation: { reservation: 0 },
        bootOptions: { bootDelay: 0 },
      },
    });
    expect(device(simulator, 4000)).toBeDefined();
    expect(device(simulator, 2003)).toBeUndefined();
    expect(await digest(simulator)).toBe(before);
    // The disk that came after it is nobody's now, and stays.
    expect(await simulator.files("datastore1")).toContain("a/a_1.vmdk");
  });

  it("leaves a VM on if its memory was kept, and off if not", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    await power(client, vm, "On");
    const cold = await take(client, vm, "cold");
    const warm = await take(client, vm, "warm", true);
    expect(allTexts(await client.read(vm, "snapshot"), "state")).toEqual(["poweredOff", "poweredOn"]);
    expect(await simulator.files("datastore1")).toContain("a/a-Snapshot2.vmem");
    const state = () => simulator.vms()[0]?.powerState;
    await client.task("RevertToSnapshot_Task", cold);
    expect(state()).toBe("poweredOff");
    await client.task("RevertToSnapshot_Task", warm);
    expect(state()).toBe("poweredOn");
    await client.task("RevertToSnapshot_Task", warm, "<suppressPowerOn>true</suppressPowerOn>");
    expect(state()).toBe("poweredOff");
    await client.task("RemoveSnapshot_Task", warm, REMOVE);
    expect((await simulator.files("datastore1")).filter((file) => /vmem$|vmsn$/.test(file))).toEqual([
      "a/a-Snapshot1.vmsn",
    ]);
  });
});

describe("the tree of snapshots", () => {
  it("shows roots, branches and where the VM is, and new names", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    const first = await take(client, vm, "first");
    const second = await take(client, vm, "second");
    await client.task("RevertToSnapshot_Task", first);
    const third = await take(client, vm, "third");
    const text = await client.read(vm, "snapshot");
    expect(firstText(text, "currentSnapshot")).toBe(third.split(":")[1]);
    expect(allTexts(text, "name").slice(1)).toEqual(["first", "second", "third"]);
    expect(allTexts(await client.read(first, "childSnapshot"), "ManagedObjectReference")).toEqual(
      [second, third].map((one) => one.split(":")[1]),
    );
    await client.ok("RenameSnapshot", second, "<name>better</name><description>than it was</description>");
    expect(await client.read(vm, "snapshot")).toContain(
      "<name>better</name><description>than it was</description>",
    );
    expect((await client.call("RenameSnapshot", second, `<name>${"x".repeat(81)}</name>`)).fault).toBe(
      "InvalidName",
    );
    await client.task("RemoveSnapshot_Task", first, "<removeChildren>true</removeChildren>");
    expect(await client.read(vm, "snapshot", "rootSnapshot")).not.toContain("napshotTree");
    expect((await client.call("RevertToSnapshot_Task", second)).fault).toBe("ManagedObjectNotFound");
  });

  it.for([
    ["an empty name", "", "<name> </name><memory>false</memory><quiesce>false</quiesce>", "InvalidName"],
    [
      "any, if the VM is to have none",
      "<flags><snapshotDisabled>true</snapshotDisabled></flags>",
      snapshotSpec("s"),
      "SnapshotDisabled",
    ],
    [
      "any, if those of the VM are locked",
      "<flags><snapshotLocked>true</snapshotLocked></flags>",
      snapshotSpec("s"),
      "SnapshotLocked",
    ],
  ] as const)("takes none with %s", async ([, flags, spec, fault]) => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    if (flags !== "") expect(await outcome(client, vm, flags)).toBe("");
    expect((await client.task("CreateSnapshot_Task", vm, spec)).fault).toBe(fault);
    expect(await vmdks(simulator)).toEqual(["a/a-flat.vmdk", "a/a.vmdk"]);
  });

  it("takes none of the memory of a VM with an independent disk, and leaves that disk out of others", async () => {
    const { simulator, client } = await startLab();
    const independent = add(
      "VirtualDisk",
      {
        backing: flat("", "independent_persistent", "<thinProvisioned>true</thinProvisioned>"),
        controllerKey: -1,
        own: "<capacityInKB>1024</capacityInKB>",
      },
      "create",
    );
    const vm = await createVm(client, "a", { tail: DISK + independent });
    await power(client, vm, "On");
    const warm = await client.task("CreateSnapshot_Task", vm, snapshotSpec("warm", true));
    expect(warm.fault).toBe("MemorySnapshotOnIndependentDisk");
    await take(client, vm, "cold");
    expect((await vmdks(simulator)).filter((file) => /-00/.test(file))).toEqual([
      "a/a-000001-sesparse.vmdk",
      "a/a-000001.vmdk",
    ]);
  });

  it("is 31 deep at most, as a chain of disks is", async () => {
    const { client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    for (let depth = 1; depth < 32; depth++) await take(client, vm, `s${depth}`);
    expect((await client.task("CreateSnapshot_Task", vm, snapshotSpec("more"))).fault).toBe(
      "TooManySnapshotLevels",
    );
  });
});

describe("snapshots that are removed without their disks", () => {
  it("leave disks to consolidate, which loses nothing", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    const taken: string[] = [];
    for (const name of ["one", "two", "three"]) {
      await write(simulator, client, vm);
      taken.push(await take(client, vm, name));
    }
    const now = await write(simulator, client, vm);
    const needed = () => client.value(vm, "runtime.consolidationNeeded");
    expect(await needed()).toBe("false");
    const files = await vmdks(simulator);
    await client.task("RemoveSnapshot_Task", taken[1] ?? "", `${REMOVE}<consolidate>false</consolidate>`);
    expect(await vmdks(simulator)).toEqual(files);
    expect(await needed()).toBe("true");
    expect(await digest(simulator)).toBe(now);
    expect((await client.task("ConsolidateVMDisks_Task", vm)).state).toBe("success");
    expect(await needed()).toBe("false");
    expect((await vmdks(simulator)).length).toBe(files.length - 2);
    expect(await digest(simulator)).toBe(now);
    await client.task("RemoveAllSnapshots_Task", vm, "<consolidate>false</consolidate>");
    expect(await client.value(vm, "snapshot")).toBeUndefined();
    await client.task("ConsolidateVMDisks_Task", vm);
    expect(await vmdks(simulator)).toEqual(["a/a-flat.vmdk", "a/a.vmdk"]);
    expect(await digest(simulator)).toBe(now);
    expect((await power(client, vm, "On")).state).toBe("success");
  });

  it("do not harm what is removed properly afterwards", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a", { tail: DISK });
    const [one, two, three] = [
      await take(client, vm, "one"),
      await take(client, vm, "two"),
      await take(client, vm, "three"),
    ];
    const now = await write(simulator, client, vm);
    await client.task("RemoveSnapshot_Task", three, `${REMOVE}<consolidate>false</consolidate>`);
    for (const snapshot of [two, one])
      expect((await client.task("RemoveSnapshot_Task", snapshot, REMOVE)).state).toBe("success");
    expect(await digest(simulator)).toBe(now);
    await client.task("ConsolidateVMDisks_Task", vm);
    expect(await vmdks(simulator)).toEqual(["a/a-flat.vmdk", "a/a.vmdk"]);
    expect(await digest(simulator)).toBe(now);
  });
});

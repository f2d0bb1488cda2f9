/** A host that fails at any step leaves nothing behind, or a VM that the next run finishes. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { VimFault } from "../../../provider/vim/faults.ts";
import { failure, Lab, PROVIDER } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const REFUSED = { fault: "NoPermission", message: "not for you" } as const;

test.each(["CreateImportSpec", "ImportVApp", "HttpNfcLeaseComplete"])(
  "nothing is left when the host refuses %s",
  async (method) => {
    lab.raw.simulator.faults.add({ method, action: REFUSED });
    const error = await failure(lab.create());
    expect(error).not.toBeInstanceOf(UnfinishedError);
    expect(error.message).toContain("not for you");
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
  },
);

test("nothing is left when an upload is refused for good", async () => {
  lab.raw.simulator.faults.add({ method: "nfc", action: { status: 500 } });
  const error = await failure(lab.create());
  expect(error).not.toBeInstanceOf(UnfinishedError);
  expect(lab.raw.count("nfc")).toBe(1);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
});

test("an upload that breaks is tried again with a new lease", async () => {
  lab.raw.simulator.faults.add({ method: "nfc", atByte: 1000, count: 2, action: "disconnect" });
  const { id } = await lab.create();
  expect(lab.raw.vm("vm")).toMatchObject({ instanceUuid: id, powerState: "poweredOn" });
  expect(lab.raw.count("ImportVApp")).toBe(3);
  expect(lab.texts("warn")).toEqual([
    expect.stringContaining("Trying again with a new lease (2 of 3)."),
    expect.stringContaining("Trying again with a new lease (3 of 3)."),
  ]);
  expect((await lab.raw.contents()).files.filter((file) => file.endsWith("/"))).toHaveLength(1);
});

test("an upload that breaks three times has failed, and nothing is left", async () => {
  lab.raw.simulator.faults.add({ method: "nfc", atByte: 1000, action: "disconnect" });
  const error = await failure(lab.create());
  expect(error).not.toBeInstanceOf(UnfinishedError);
  expect(lab.raw.count("ImportVApp")).toBe(3);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
});

test("an import whose last answer is lost is not made twice", async () => {
  lab.raw.simulator.faults.add({ method: "HttpNfcLeaseComplete", count: 1, action: "loseReply" });
  const { id } = await lab.create();
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  expect(lab.raw.vm("vm").instanceUuid).toBe(id);
});

const STEPS = [
  ["PowerOnVM_Task", { taskFault: "InsufficientResourcesFault", message: "no memory" }],
  ["PowerOnVM_Task", { fault: "InvalidState", message: "not now" }],
  ["ReconfigVM_Task", { taskFault: "ConcurrentAccess", message: "somebody else" }],
] as const;

test.each(STEPS)(
  "when %s fails with %j the VM is kept, and the next update goes on",
  async (method, action) => {
    lab.raw.simulator.faults.add({ method, count: 1, action });
    const settings = { memory: 128, extraConfig: { "guestinfo.a": "1" } };
    const error = await failure(lab.create(settings));

    expect(error).toBeInstanceOf(UnfinishedError);
    expect(error.message).toContain(action.message);
    const { id, properties, reasons } = error as UnfinishedError;
    expect(reasons).toEqual([error.message]);
    expect(id).toBe(lab.raw.vm("vm").instanceUuid);
    expect(properties).toMatchObject({
      __provider: PROVIDER,
      __urn: expect.stringContaining("urn:"),
      __phase: "unfinished",
      instanceUuid: id,
      hostUuid: lab.raw.simulator.hostUuid,
      memory: 128,
      extraConfig: { "guestinfo.a": "1" },
    });
    expect(JSON.parse(JSON.stringify(properties))).toEqual(properties);

    const inputs = await lab.inputs(settings);
    const kept = { id, outs: properties, inputs };
    expect(await lab.diff(kept, settings)).toMatchObject({ changes: true, replaces: [] });
    const refreshed = (await lab.read(kept)) ?? kept;
    expect(refreshed.outs.__phase).toBe("unfinished");
    const { outs } = await lab.update(refreshed, settings);
    expect(outs).toMatchObject({ __phase: "done", powerState: "poweredOn" });
    expect(lab.ownerMark(lab.raw.vm("vm"))?.phase).toBe("created");
    expect(await lab.diff({ ...kept, outs }, settings)).toMatchObject({ changes: false });
  },
);

test("a VM whose create failed half-way can be deleted", async () => {
  lab.raw.simulator.faults.add({ method: "PowerOnVM_Task", count: 1, action: REFUSED });
  const { id, properties } = (await failure(lab.create())) as UnfinishedError;
  await ovaDeployment.delete(id, properties, lab.context());
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("an update that fails forgets neither what it was to remove nor what it was to add", async () => {
  const vm = await lab.create({ extraConfig: { "guestinfo.old": "1" } });
  lab.raw.simulator.faults.add({ method: "ReconfigVM_Task", count: 1, action: REFUSED });
  const error = await failure(lab.update(vm, { extraConfig: { "guestinfo.new": "2" } }));

  const { id, properties } = error as UnfinishedError;
  expect(properties).toMatchObject({ __phase: "unfinished", extraConfig: { "guestinfo.old": "1" } });
  const settings = { extraConfig: { "guestinfo.new": "2" } };
  await lab.update({ ...vm, id, outs: properties }, settings);
  const keys = lab.raw.vm("vm").config.extraConfig?.map(({ key }) => key);
  expect(keys).toContain("guestinfo.new");
  expect(keys).not.toContain("guestinfo.old");
});

test("a power cycle that fails in the middle is finished by the next update", async () => {
  const vm = await lab.create({ memory: 64, waitFor: { tools: true } });
  lab.raw.simulator.faults.add({ method: "ReconfigVM_Task", count: 1, action: REFUSED });
  const error = await failure(lab.update(vm, { memory: 128 }));
  const { id, properties } = error as UnfinishedError;
  expect(properties).toMatchObject({ memory: 64, powerState: "poweredOff", powerOn: false });
  await lab.update({ ...vm, id, outs: properties }, { memory: 128 });
  expect(lab.raw.vm("vm")).toMatchObject({
    powerState: "poweredOn",
    config: { hardware: { memoryMB: 128 } },
  });
});

test("an update that cannot even begin leaves the state as it is", async () => {
  const vm = await lab.create();
  await lab.restart();
  lab.raw.simulator.faults.add({ method: "RetrievePropertiesEx", action: REFUSED });
  const error = await failure(lab.update(vm, { annotation: "x" }));
  expect(error).not.toBeInstanceOf(UnfinishedError);
});

test("a session that expires in mid-create is renewed, and the create ends well", async () => {
  for (const method of ["CreateImportSpec", "PowerOnVM_Task"]) {
    lab.raw.simulator.faults.add({ method, count: 1, action: "expireSession" });
  }
  const { outs } = await lab.create({ waitFor: { ip: true } });
  expect(outs).toMatchObject({ powerState: "poweredOn", __phase: "done" });
});

test("stopped in mid-upload, a create aborts its lease and leaves nothing", async () => {
  lab.raw.simulator.faults.add({ method: "nfc", atByte: 1000, action: "hang" });
  const stop = new AbortController();
  const creating = failure(lab.create({}, lab.context(stop.signal)));
  await lab.raw.until(() => lab.raw.count("nfc") > 0, "the upload has begun");
  stop.abort(new Error("told to stop"));
  expect((await creating).message).toContain("told to stop");
  await expect.poll(() => lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
});

test("a datastore that is full is said to be, and nothing is left", async () => {
  const small = await Lab.open({ datastores: [{ name: "datastore1", capacityBytes: 64 * 1024 }] });
  try {
    const error = await failure(small.create());
    expect(error).toBeInstanceOf(VimFault);
    expect((error as VimFault).is("NoDiskSpace")).toBe(true);
    expect(small.raw.count("nfc")).toBe(1);
    await expect.poll(() => small.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
  } finally {
    await small.close();
  }
});

test.each([
  [{ datastore: "datastor1" }, 'no datastore "datastor1": did you mean "datastore1"?'],
  [{ ovfNetworkMap: { "VM Network": "labnet" } }, 'no port group "labnet": did you mean "lab-net"?'],
  [{ resourcePool: "students" }, 'no resource pool "students"'],
])("%j that the host does not have is an error before anything is made", async (settings, message) => {
  const error = await failure(lab.create(settings));
  expect(error.message).toContain(message);
  expect(lab.raw.count("ImportVApp")).toBe(0);
});

test("with several datastores one must be named", async () => {
  const GIB = 1024 ** 3;
  const datastores = ["fast", "slow"].map((name) => ({ name, capacityBytes: GIB }));
  const several = await Lab.open({ datastores });
  try {
    const error = await failure(several.create());
    expect(error.message).toContain("several datastores (fast, slow)");
    const { outs } = await several.create({ datastore: "slow" });
    expect(outs.vmxPath).toMatch(/^\[slow\] /);
  } finally {
    await several.close();
  }
});

test("an import whose name a killed run's import keeps a moment longer is tried until it is free", async () => {
  lab.raw.simulator.faults.add({
    method: "ImportVApp",
    count: 2,
    action: { fault: "DuplicateName", message: "The name 'vm' already exists." },
  });
  // It is seen, and it is gone when it is looked at.
  const gone = { encodedName: "vm", instanceUuid: undefined, ref: { type: "VirtualMachine", value: "999" } };
  vi.spyOn(lab.host.vms, "entries").mockResolvedValue([gone]);
  await lab.create({ powerOn: false });
  expect(lab.raw.count("ImportVApp")).toBe(3);
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

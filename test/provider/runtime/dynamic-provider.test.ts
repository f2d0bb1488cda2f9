import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { providerText } from "../../../provider/program/provider-text.ts";
import { serveGatedOva } from "../../support/gated-ova.ts";
import { buildOva, diskFile } from "../../support/ova-builder.ts";
import { RECORDED, SimulatedHost } from "../../support/simulated-host.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { type FakeEngine, startEngine } from "./fake-engine.ts";
import { OperationError, ProviderProcess } from "./provider-process.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::vm";
const PROPERTY_PASSWORD = "Pr0perty-secret";

let engine: FakeEngine;
let host: SimulatedHost;
let provider: ProviderProcess;
let folder: TemporaryFolder;

beforeEach(async () => {
  [engine, host, folder] = await Promise.all([
    startEngine(),
    SimulatedHost.start(RECORDED),
    temporaryFolder(),
  ]);
  provider = await ProviderProcess.start(engine.address, configuration());
});

afterEach(async () => {
  await provider.kill();
  engine.stop();
  await host.stop();
  await folder.remove();
});

const configuration = () => ({
  "esxi:host": host.url,
  "esxi:username": host.username,
  "esxi:password": host.password,
  "esxi:thumbprint": host.thumbprint,
});

/** Inputs as the program side sends them. */
const inputsOf = (settings: Readonly<Record<string, unknown>> = {}) => ({
  name: "vm",
  ovaPath: tinyOva.path,
  __provider: providerText("OvaDeployment"),
  __urn: URN,
  ...settings,
});

async function checked(settings: Readonly<Record<string, unknown>> = {}) {
  const { inputs, failures } = await provider.check({}, inputsOf(settings));
  expect(failures).toEqual([]);
  return inputs;
}

test("a VM lives from check to delete as the engine asks for it", async () => {
  const inputs = await checked({ memory: 64 });
  expect(inputs).toMatchObject({ diskProvisioning: "thin", powerOn: true, memory: 64 });
  expect(inputs.ovaDigest).toMatch(/^[0-9a-f]{64}$/);

  const { id, properties } = await provider.create(inputs);
  expect(host.vm("vm")).toMatchObject({ instanceUuid: id, powerState: "poweredOn" });
  expect(properties).toMatchObject({ memory: 64, __phase: "done", __provider: inputs.__provider });
  expect(await provider.diff(id, properties, inputs)).toEqual({
    changes: false,
    replaces: [],
    deleteBeforeReplace: true,
  });

  const news = await checked({ memory: 128 });
  expect(await provider.diff(id, properties, news)).toMatchObject({ changes: true, replaces: [] });
  await expect
    .poll(() => engine.texts("info"))
    .toEqual([
      expect.stringContaining("looks there again only with --refresh"),
      "update with one power cycle, unless the VM allows hot-add: memory 64 → 128",
    ]);
  const updated = await provider.update(id, properties, news);
  expect(host.vm("vm").config.hardware.memoryMB).toBe(128);

  const read = await provider.read(id, updated);
  expect(read).toEqual({ id, properties: { ...updated, ...read.properties } });
  expect(await provider.diff(id, read.properties, news)).toMatchObject({ changes: false });

  await provider.delete(id, read.properties);
  await provider.delete(id, read.properties);
  expect(await provider.read(id, read.properties)).toMatchObject({ id: "" });
  expect(await host.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
});

test("all operations of a run share one session, which ends with the process", async () => {
  const inputs = await checked();
  await Promise.all(
    [1, 2, 3].map((number) => provider.create({ ...inputs, name: `vm${number}`, __urn: `${URN}${number}` })),
  );
  expect(host.count("Login")).toBe(1);
  expect(host.simulator.sessions()).toHaveLength(1);
  provider.interrupt();
  expect(await provider.exited).toBe(0);
  expect(host.simulator.sessions()).toEqual([]);
});

test("a process that has nothing to do ends at once when told so", async () => {
  provider.interrupt();
  await provider.exited;
  expect(host.count()).toBe(0);
});

test("told to stop in mid-upload, it aborts the lease and logs out within five seconds", async () => {
  host.simulator.faults.add({ method: "nfc", atByte: 65_536, action: "hang" });
  const { ova } = buildOva({ files: [diskFile()] });
  const inputs = await checked({ ovaPath: await folder.write("big.ova", ova) });
  const creating = provider.create(inputs).catch((error: unknown) => error);
  await host.until(() => host.simulator.leases().some(({ state }) => state === "ready"), "a lease is open");
  await host.until(() => host.count("nfc") > 0, "the upload has begun");

  const told = performance.now();
  provider.interrupt();
  await provider.exited;

  expect(performance.now() - told).toBeLessThan(5000);
  expect(await creating).toBeInstanceOf(OperationError);
  await host.expectEmpty();
});

test("told to stop while the host does not answer a read, it logs out, and says so without a stack of calls", async () => {
  const inputs = await checked();
  const { id, properties } = await provider.create(inputs);
  host.simulator.requests.clear();
  host.simulator.faults.add({ method: "RetrievePropertiesEx", action: "hang" });
  const deleted = provider.delete(id, properties).catch((error: unknown) => error);
  const foreseen = provider.check(properties, { ...inputs, __madeHere: [] }).catch((error: unknown) => error);
  await host.until(() => host.count("RetrievePropertiesEx") > 0, "the host is asked");
  provider.interrupt();
  await provider.exited;
  expect(String(await foreseen)).toContain("Pulumi was told to stop at once. Run the same command again");
  expect(await deleted).toBeInstanceOf(OperationError);
  expect(provider.output.join("")).toContain("Pulumi was told to stop at once");
  expect(provider.output.join("")).not.toMatch(/^ +at /m);
  await host.expectVms("vm: poweredOn");
});

test("a create that fails once the VM is there keeps it, and the next update goes on", async () => {
  host.simulator.faults.add({
    method: "PowerOnVM_Task",
    count: 1,
    action: { taskFault: "InsufficientResourcesFault", message: "no memory left" },
  });
  const inputs = await checked({ properties: {} });
  const error = await provider.create(inputs).catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(OperationError);
  const { message, initFailure } = error as OperationError;
  expect(message).toContain("no memory left");
  expect(initFailure?.reasons).toEqual([message]);
  const { id = "", properties = {} } = initFailure ?? {};
  expect(host.vm("vm")).toMatchObject({ instanceUuid: id, powerState: "poweredOff" });
  expect(properties).toMatchObject({ __phase: "unfinished", __provider: inputs.__provider, __urn: URN });

  expect(await provider.diff(id, properties, inputs)).toMatchObject({ changes: true, replaces: [] });
  const updated = await provider.update(id, properties, inputs);
  expect(updated).toMatchObject({ __phase: "done", powerState: "poweredOn" });
  expect(await provider.diff(id, updated, inputs)).toMatchObject({ changes: false });
});

test("progress shows in the resource's row while it is made, if that takes a while", async () => {
  host.simulator.faults.add({ method: "ImportVApp", count: 1, delayMs: 1500, action: "continue" });
  await provider.create(await checked());
  await expect.poll(() => engine.texts("status").length).toBeGreaterThan(0);
  const statuses = engine.lines.filter(({ kind }) => kind === "status");
  expect(new Set(statuses.map(({ urn }) => urn))).toEqual(new Set([URN]));
});

test("a wrong password is tried once, and says what happens if it is tried more often", async () => {
  await provider.kill();
  const config = { ...configuration(), "esxi:password": "wrong-secret" };
  provider = await ProviderProcess.start(engine.address, config);
  const inputs = await checked();
  const attempts = [1, 2, 3].map((number) => provider.create({ ...inputs, name: `vm${number}` }));
  for (const attempt of attempts) {
    await expect(attempt).rejects.toThrow("refused the user name or password");
    await expect(attempt).rejects.not.toThrow("wrong-secret");
  }
  expect(host.count("Login")).toBe(1);
});

test("no password, property or cookie is in an error, a message or the output", async () => {
  host.simulator.faults.add({
    method: "PowerOnVM_Task",
    action: { taskFault: "GenericVmConfigFault", message: "cannot start" },
  });
  const section =
    '<ProductSection><Info>i</Info><Property ovf:key="password" ovf:type="string" ovf:userConfigurable="true"/></ProductSection>';
  const { ova } = buildOva({ sections: section });
  const inputs = await checked({
    ovaPath: await folder.write("a.ova", ova),
    properties: { password: PROPERTY_PASSWORD },
  });
  const error = (await provider.create(inputs).catch((reason: unknown) => reason)) as OperationError;
  provider.interrupt();
  await provider.exited;
  const said = [error.message, error.initFailure?.reasons, engine.lines, provider.output];
  for (const secret of [host.password, PROPERTY_PASSWORD, "vmware_soap_session"]) {
    expect(JSON.stringify(said)).not.toContain(secret);
  }
  expect(await readFile(host.recording, "utf8")).not.toContain(host.password);
});

test("a provider whose engine was killed aborts its upload, logs out and ends", async () => {
  const ova = await serveGatedOva();
  try {
    const inputs = await checked({ ovaPath: ova.url });
    const created = provider.create(inputs).catch((error: unknown) => error);
    await host.until(() => ova.waiting() === 1, "an upload in the middle");
    engine.stop();
    expect(await provider.exited).toBe(0);
    expect(await created).toBeInstanceOf(OperationError);
    await host.expectEmpty();
  } finally {
    await ova.close();
  }
});

// Pulumi's SDK prints the error of a failed delete. It prints an error of printing too, without end from the second on.
test("a provider whose engine was killed in deletes logs out and ends, though nobody reads its output", async () => {
  const { id, properties } = await provider.create(await checked({ powerOn: false }));
  host.simulator.faults.add({ method: "RetrievePropertiesEx", count: 1, delayMs: 1000, action: "continue" });
  const deletes = [1, 2].map(() => provider.delete(id, properties).catch((error: unknown) => error));
  await host.until(
    () => host.simulator.requests.entries().some(({ faultRule }) => faultRule),
    "a delete in the middle",
  );
  provider.closeOutput();
  engine.stop();
  expect(await provider.exited).toBe(0);
  for (const outcome of await Promise.all(deletes)) expect(outcome).toBeInstanceOf(OperationError);
  await host.expectVms("vm: poweredOff");
});

test("a provider whose terminal was closed goes on as long as its engine does", async () => {
  const ova = await serveGatedOva();
  try {
    const inputs = await checked({ ovaPath: ova.url });
    const created = provider.create(inputs);
    await host.until(() => ova.waiting() === 1, "an upload in the middle");
    provider.hangUp();
    ova.open();
    await created;
    provider.interrupt();
    expect(await provider.exited).toBe(0);
    await host.expectVms("vm: poweredOn");
  } finally {
    await ova.close();
  }
});

// Reading a pipe into which nobody writes is like reading a file of a network drive that is away: it does not end.
test("a provider ends when it is told to, though a file that it reads does not answer", async () => {
  await provider.kill();
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reading = `import { open } from "node:fs/promises"; open(${JSON.stringify(pipe)});`;
  provider = await ProviderProcess.start(engine.address, configuration(), {
    NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(reading)}"`,
  });
  await provider.create(await checked());
  provider.interrupt();
  await provider.exited;
  await host.expectVms("vm: poweredOn");
});

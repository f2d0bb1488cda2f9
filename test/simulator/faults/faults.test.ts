import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { RECORDED } from "../../support/simulated-host.ts";
import { configSpec, connect, createVm, POOL, startLab } from "../host/lab.ts";
import { PASSWORD, VM_FOLDER } from "../host/raw-client.ts";
import { DISK_TYPE, importSpec, leaseState, openLease } from "../lease/import.ts";

const NAME = "Folder:ha-folder-vm";

it("somebody else's files take all space of a datastore until they go", async () => {
  const { simulator, client } = await startLab();
  simulator.behindBack.setFull("datastore1", true);
  const reply = await client.task("CreateVM_Task", VM_FOLDER, configSpec("a") + POOL);
  expect(reply).toMatchObject({
    state: "error",
    message: expect.stringContaining("Insufficient disk space"),
  });
  expect(await simulator.files("datastore1")).toEqual([]);
  simulator.behindBack.setFull("datastore1", false);
  await createVm(client, "a");
  expect(() => simulator.behindBack.setFull("other", true)).toThrow("The host has no datastore other");
});

describe("a fault rule", () => {
  it("gives a fault, with its properties, as often as it says", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({
      method: "CreateVM_Task",
      after: 1,
      count: 1,
      action: {
        fault: "NoDiskSpace",
        message: "full",
        properties: { file: "[datastore1] a", datastore: "datastore1" },
      },
    });
    await createVm(client, "a");
    const reply = await client.call("CreateVM_Task", VM_FOLDER, configSpec("b") + POOL);
    expect(reply).toMatchObject({ fault: "NoDiskSpace", message: "full" });
    expect(reply.text).toContain("<datastore>datastore1</datastore>");
    await createVm(client, "c");
    expect(simulator.vms().map(({ name }) => name)).toEqual(["a", "c"]);
  });

  it("concerns one entity alone", async () => {
    const { simulator, client } = await startLab();
    const [a, b] = [await createVm(client, "a-1"), await createVm(client, "b-1")];
    simulator.faults.add({ method: /^Power/, entity: "b-", action: { fault: "InvalidState" } });
    expect((await client.task("PowerOnVM_Task", a)).state).toBe("success");
    expect((await client.call("PowerOnVM_Task", b)).fault).toBe("InvalidState");
  });

  it("ends a task with a fault, the work not done", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    simulator.faults.add({
      method: "PowerOnVM_Task",
      count: 1,
      action: { taskFault: "GenericVmConfigFault", message: "no" },
    });
    expect(await client.task("PowerOnVM_Task", vm)).toMatchObject({ state: "error", message: "no" });
    expect((await client.task("PowerOnVM_Task", vm)).state).toBe("success");
  });

  it("fails a lease by a task's fault", async () => {
    const { simulator, client } = await startLab();
    const { spec } = await importSpec(client, "a");
    simulator.faults.add({ method: "ImportVApp", action: { taskFault: "InvalidState", message: "not now" } });
    await expect(openLease(client, simulator, spec)).rejects.toThrow("lease: error");
    expect(simulator.vms()).toEqual([]);
  });

  it("answers with a bare status", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({ count: 1, action: { status: 503 } });
    expect((await client.call("CurrentTime", "ServiceInstance:ServiceInstance")).status).toBe(503);
    expect((await client.call("CurrentTime", "ServiceInstance:ServiceInstance")).status).toBe(200);
  });

  it("cuts the connection before the work", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({ method: "CreateVM_Task", count: 1, action: "disconnect" });
    await expect(client.call("CreateVM_Task", VM_FOLDER, configSpec("a") + POOL)).rejects.toThrow();
    expect(simulator.tasks()).toEqual([]);
  });

  it("calls back when the host begins to work, and when it has, before it answers", async () => {
    const { simulator, client } = await startLab();
    const seen: string[] = [];
    const onWork = (moment: string) => {
      const made = simulator.vms().length + simulator.tasks().length;
      seen.push(`${moment}: ${made === 0 ? "nothing" : "something"}`);
    };
    simulator.faults.add({ method: "CreateVM_Task", count: 1, action: "continue", onWork });
    await createVm(client, "a");
    await createVm(client, "b");
    expect(seen).toEqual(["before: nothing", "after: something"]);
  });

  it("loses the reply after the work", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({ method: "CreateVM_Task", count: 1, action: "loseReply" });
    await expect(client.call("CreateVM_Task", VM_FOLDER, configSpec("a") + POOL)).rejects.toThrow();
    await expect.poll(() => simulator.vms().map(({ name }) => name)).toEqual(["a"]);
  });

  it("holds the task of a call whose reply is lost until it may work, or the host ends", async () => {
    const { simulator, client } = await startLab();
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    simulator.faults.add({ method: "CreateVM_Task", action: "loseReply", onTask: () => released });
    for (const name of ["a", "b"])
      await expect(client.call("CreateVM_Task", VM_FOLDER, configSpec(name) + POOL)).rejects.toThrow();
    await expect.poll(() => simulator.tasks().map(({ state }) => state)).toEqual(["running", "running"]);
    expect(simulator.vms()).toEqual([]);
    release();
    await expect.poll(() => simulator.vms().length).toBe(2);
    simulator.faults.clear();
    simulator.faults.add({
      method: "CreateVM_Task",
      action: "loseReply",
      onTask: () => new Promise(() => {}),
    });
    await expect(client.call("CreateVM_Task", VM_FOLDER, configSpec("c") + POOL)).rejects.toThrow();
    await simulator.stop();
    expect(simulator.vms().length).toBe(2);
  });

  it("expires the session of the caller", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({ method: "CreatePropertyCollector", count: 1, action: "expireSession" });
    expect(
      (await client.call("CreatePropertyCollector", "PropertyCollector:ha-property-collector")).fault,
    ).toBe("NotAuthenticated");
    expect(simulator.sessions()).toEqual([]);
  });

  it("breaks an upload at a byte", async () => {
    const { simulator, client } = await startLab();
    const { ova, spec, files } = await importSpec(client, "a");
    const { lease, urls } = await openLease(client, simulator, spec);
    const content = Buffer.from(ova.files[0]?.content ?? []);
    const url = urls.get(files[0]?.deviceId ?? "") ?? "";
    simulator.faults.add({ method: "nfc", count: 1, atByte: 70_000, action: "disconnect" });
    await expect(client.http("POST", url, content, DISK_TYPE)).rejects.toThrow();
    simulator.faults.add({ method: "nfc", count: 1, atByte: 70_000, action: { status: 500 } });
    expect((await client.http("POST", url, content, DISK_TYPE)).status).toBe(500);
    simulator.faults.add({ method: "nfc", count: 1, action: "loseReply" });
    await expect(client.http("POST", url, content, DISK_TYPE)).rejects.toThrow();
    await client.ok("HttpNfcLeaseComplete", lease);
    expect(await leaseState(client, lease, "ready")).toBe("done");
  });

  it("rolls the same dice for the same seed", async () => {
    const outcomes = async (seed: number): Promise<string> => {
      const { client } = await startLab({
        seed,
        faults: [{ method: "CurrentTime", probability: 0.5, action: { status: 503 } }],
      });
      let text = "";
      for (let i = 0; i < 16; i++)
        text +=
          (await client.call("CurrentTime", "ServiceInstance:ServiceInstance")).status === 200 ? "." : "x";
      return text;
    };
    const first = await outcomes(7);
    expect(first).toContain("x");
    expect(first).toContain(".");
    expect(await outcomes(7)).toBe(first);
  });

  it("loses the answer to a file that was written, and to one that was read", async () => {
    const { simulator, client } = await startLab();
    const url = "/folder/a.txt?dcPath=ha-datacenter&dsName=datastore1";
    simulator.faults.add({ method: "folder", count: 2, action: "loseReply" });
    await expect(client.http("PUT", url, Buffer.from("text"))).rejects.toThrow();
    await expect.poll(() => simulator.files("datastore1")).toEqual(["a.txt"]);
    await expect(client.http("GET", url)).rejects.toThrow();
    expect((await client.http("GET", url)).status).toBe(200);
  });

  it("concerns /folder too", async () => {
    const { simulator, client } = await startLab();
    simulator.faults.add({ method: "folder", count: 1, action: { status: 503 } });
    expect((await client.http("GET", "/folder?dcPath=ha-datacenter&dsName=datastore1")).status).toBe(503);
    expect((await client.http("GET", "/folder?dcPath=ha-datacenter&dsName=datastore1")).status).toBe(200);
  });
});

describe("the request log", () => {
  it("tells method, target, entity and outcome, and the most at once", async () => {
    const { simulator, client } = await startLab();
    const vm = await createVm(client, "a");
    simulator.requests.clear();
    await client.task("PowerOnVM_Task", vm);
    expect(simulator.requests.entries()[0]).toMatchObject({
      method: "PowerOnVM_Task",
      entity: "a",
      status: 200,
      fault: undefined,
    });
    expect(simulator.requests.count("PowerOnVM_Task")).toBe(1);
    simulator.faults.add({ method: "CurrentTime", delayMs: 2_000, action: "continue" });
    await Promise.all([1, 2, 3].map(() => client.call("CurrentTime", "ServiceInstance:ServiceInstance")));
    expect(simulator.requests.maxConcurrent("CurrentTime")).toBe(3);
  });

  it("and the recorder keep no secret", async () => {
    const { host, simulator, client } = await startLab(RECORDED);
    await client.read(NAME, "name");
    await simulator.stop();
    const recorded = await readFile(host.recording, "utf8");
    expect(
      recorded
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line).method),
    ).toEqual(["Login", "RetrievePropertiesEx"]);
    expect(recorded).toContain("<password>***</password>");
    for (const secret of [PASSWORD, client.cookie]) {
      expect(recorded).not.toContain(secret);
      expect(JSON.stringify(simulator.requests.entries())).not.toContain(secret);
    }
  });
});

it("the recorder hides every advanced setting, whatever its key, of machines and of the host", async () => {
  const { host, simulator, client } = await startLab(RECORDED);
  const value = (text: string) => `<value xsi:type="xsd:string">${text}</value>`;
  const settings =
    `<extraConfig><key>guestinfo.a</key>${value("hidden1")}</extraConfig>` +
    `<extraConfig><key>ansible.vault</key>${value("hidden2")}</extraConfig>` +
    `<extraConfig>${value("hidden3")}<key>turned.round</key></extraConfig>`;
  await client.call(
    "ReconfigVM_Task",
    "VirtualMachine:1",
    `<spec><annotation>shown</annotation>${settings}</spec>`,
  );
  await client.call(
    "UpdateOptions",
    "OptionManager:EsxHostAdvSettings",
    `<changedValue><key>a.b</key>${value("hidden4")}</changedValue>`,
  );
  await simulator.stop();
  const recorded = await readFile(host.recording, "utf8");
  expect(recorded).toContain("shown");
  expect(recorded).toContain("ansible.vault");
  expect(recorded).not.toContain("hidden");
});

describe("/folder", () => {
  it("wants a session or the right credentials", async () => {
    const { simulator, client } = await startLab(RECORDED);
    const stranger = connect(simulator);
    const path = "/folder?dcPath=ha-datacenter&dsName=datastore1";
    const basic = (password: string) => ({
      Authorization: `Basic ${Buffer.from(`root:${password}`).toString("base64")}`,
    });
    expect((await stranger.http("GET", path)).status).toBe(401);
    expect((await stranger.http("GET", path, undefined, basic("wrong"))).status).toBe(401);
    expect((await stranger.http("GET", path, undefined, basic(PASSWORD))).status).toBe(200);
    expect((await client.http("GET", path)).status).toBe(200);
  });
});

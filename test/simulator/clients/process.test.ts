import { expect, onTestFinished, type TestContext, test } from "vitest";
import { need } from "../../support/prerequisites.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";
import { logIn, run } from "../ssh/ssh-lab.ts";
import { Govc } from "./govc.ts";
import { PyVmomi } from "./pyvmomi.ts";
import { type SimulatorProcess, startSimulatorProcess } from "./simulator-process.ts";

const PASSWORD = "hunter.2/process";

async function start(state: string, ...more: readonly string[]): Promise<SimulatorProcess> {
  const args = ["--state", state, "--listen", "127.0.0.1:0", ...more];
  const simulator = await startSimulatorProcess(PASSWORD, ...args);
  onTestFinished(async () => {
    await simulator.terminate();
  });
  return simulator;
}

async function connect(context: TestContext, simulator: SimulatorProcess): Promise<Govc> {
  const program = await need(context, "TEST_GOVC");
  const govc = await Govc.open(program, simulator, PASSWORD, simulator.thumbprint);
  onTestFinished(() => govc.close());
  return govc;
}

test("the simulator's own process serves govc, ends on SIGTERM, and comes back as the same host", async (context) => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const first = await start(folder.path);
  expect(first.pid).toBeGreaterThan(0);
  const govc = await connect(context, first);
  await govc.run("import.ova", "-name", "alpha", tinyOva.path);
  await govc.run("vm.power", "-on", "alpha");
  const before = await govc.run("vm.info", "-json", "alpha");
  const end = await first.terminate();
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.output).not.toContain(PASSWORD);

  const second = await start(folder.path);
  expect(second).toMatchObject({ url: first.url, username: "root", thumbprint: first.thumbprint });
  const identity = (json: string) => {
    const [vm] = JSON.parse(json).virtualMachines;
    return [vm.self.value, vm.name, vm.config.uuid, vm.config.instanceUuid, vm.config.hardware.memoryMB];
  };
  expect(identity(await govc.run("vm.info", "-json", "alpha"))).toEqual(identity(before));
  await govc.run("vm.destroy", "alpha");
  expect(await govc.run("datastore.ls")).toBe("");
});

test("the simulator's own process ends on SIGTERM while a client waits for updates", async (context) => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const simulator = await start(folder.path);
  const client = new PyVmomi(await need(context, "TEST_PYTHON"));
  onTestFinished(() => client.close());
  const { hostname: host, port } = new URL(simulator.url);
  await client.do("connect", { host, port: Number(port), user: "root", password: PASSWORD });
  const waiting = client.do("wait_for_updates").catch((error: unknown) => error);
  expect(await simulator.terminate()).toMatchObject({ code: 0, signal: null });
  expect(await waiting).toBeInstanceOf(Error);
});

test("the simulator's own process tells what is wrong with its arguments", async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const elsewhere = startSimulatorProcess(PASSWORD, "--state", folder.path, "--listen", "0.0.0.0:0");
  await expect(elsewhere).rejects.toThrow("Cannot listen on 0.0.0.0:0: give a loopback address");
  const nobody = startSimulatorProcess("", "--state", folder.path);
  await expect(nobody).rejects.toThrow("--password (or SIMULATOR_PASSWORD in the environment) is missing");
});

test("the simulator's own process serves SSH on request, with a licence that refuses writes through the API", async (context) => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const simulator = await start(folder.path, "--ssh", "127.0.0.1:0", "--license", "free");
  expect(simulator.ssh).toEqual({
    port: expect.any(Number),
    user: "root",
    hostKeySha256: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
  });
  const govc = await connect(context, simulator);
  await expect(govc.run("datastore.mkdir", "x")).rejects.toThrow(/prohibits execution/);
  const client = await logIn({ ssh: simulator.ssh }, { answers: [[PASSWORD]] });
  expect(await run(client, "mkdir /vmfs/volumes/datastore1/x")).toMatchObject({ code: 0 });
  expect(await govc.run("datastore.ls")).toBe("x");
  const again = await startSimulatorProcess(PASSWORD, "--state", folder.path, "--license", "trial").catch(
    String,
  );
  expect(again).toContain("--license is licensed or free, not trial");
});

import { afterEach, expect, type TestContext, test } from "vitest";
import { VimClient } from "../../../provider/vim/client.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import { isFault, TaskFault } from "../../../provider/vim/faults.ts";
import { retrieveAll, retrieveOne } from "../../../provider/vim/reads/property-collector.ts";
import { createHostAgent } from "../../../provider/vim/tls/tls.ts";
import { ObjectGoneError } from "../../../provider/vim/watch/object-gone-error.ts";
import { need } from "../../support/prerequisites.ts";
import { startVcsim, type VcsimOptions } from "../../support/vcsim.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startHost(context: TestContext, options: Partial<VcsimOptions> = {}, password = "pw") {
  const host = await startVcsim({
    program: await need(context, "TEST_VCSIM"),
    password: "pw",
    vms: 3,
    ...options,
  });
  closing.push(() => host.stop());
  const { origin } = new URL(host.url);
  const agent = createHostAgent({ origin, thumbprint: host.thumbprint });
  closing.push(() => agent.destroy());
  const client = new VimClient({
    host: "vcsim",
    origin,
    username: host.username,
    password: () => password,
    agent,
  });
  closing.push(() => client.logout());
  return client;
}

async function someVm(client: VimClient) {
  const [vm] = await retrieveAll(client, "VirtualMachine", ["name", "runtime.powerState", "config.hardware"]);
  if (!vm) throw new Error("vcsim has no VM");
  return vm;
}

test("vcsim's inventory is read by type", async (context) => {
  const client = await startHost(context);
  const { about } = await client.serviceContent();
  expect(about.apiType).toBe("HostAgent");
  const vm = await someVm(client);
  expect(vm.properties["runtime.powerState"]).toBe("poweredOn");
  expect(vm.properties["config.hardware"]?.device?.some(({ $type }) => $type === "VirtualDisk")).toBe(true);
  for (const type of [
    "HostSystem",
    "Datastore",
    "Network",
    "ResourcePool",
    "Datacenter",
    "ComputeResource",
  ] as const) {
    expect((await retrieveAll(client, type, ["name"])).length, type).toBeGreaterThan(0);
  }
});

test("vcsim's tasks end as results and as faults", async (context) => {
  const client = await startHost(context);
  const { ref } = await someVm(client);
  await client.updates.waitForTask(await client.call(ref, "PowerOffVM_Task", {}));
  await client.updates.waitForTask(await client.call(ref, "PowerOnVM_Task", {}));
  const again = client.updates.waitForTask(await client.call(ref, "PowerOnVM_Task", {}));
  const error: unknown = await again.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TaskFault);
  expect(isFault(error, "InvalidPowerState")).toBe(true);
  await expect(client.updates.waitForTask({ type: "Task", value: "task-0" })).rejects.toThrow(
    ObjectGoneError,
  );
});

test("vcsim keeps what is written, to the last character", async (context) => {
  const client = await startHost(context);
  const { ref } = await someVm(client);
  const value = '  <a b="c">&amp;\r\n\t]]> 漢 😀 ';
  const extraConfig = [create("OptionValue", { key: "guestinfo.test", value })];
  const spec = create("VirtualMachineConfigSpec", { extraConfig, annotation: value });
  await client.updates.waitForTask(await client.call(ref, "ReconfigVM_Task", { spec }));
  const read = await retrieveOne(client, ref, "VirtualMachine", ["config.extraConfig", "config.annotation"]);
  expect(read["config.annotation"]).toBe(value);
  expect(read["config.extraConfig"]?.find(({ key }) => key === "guestinfo.test")?.value).toBe(value);
});

test("100 of vcsim's tasks are waited for together, ten at once, while a watch sees what they do", async (context) => {
  const client = await startHost(context, { vms: 10 });
  const vms = await retrieveAll(client, "VirtualMachine", ["name"]);
  const first = vms[0]?.ref;
  if (!first) throw new Error("vcsim has no VM");
  const watch = client.updates.watch(first, "VirtualMachine", ["guest.ipAddress"], (values) =>
    values["guest.ipAddress"] === "10.0.0.9" ? true : undefined,
  );
  for (let round = 0; round < 10; round++) {
    // vcsim sets whatever property such a key names.
    const extraConfig = [create("OptionValue", { key: "SET.guest.ipAddress", value: `10.0.0.${round}` })];
    const spec = create("VirtualMachineConfigSpec", { extraConfig });
    await Promise.all(
      vms.map(async ({ ref }) =>
        client.updates.waitForTask(await client.call(ref, "ReconfigVM_Task", { spec })),
      ),
    );
  }
  expect(await watch).toBe(true);
});

test("vcsim refuses a wrong password once", async (context) => {
  const client = await startHost(context, {}, "wrong");
  await expect(client.connect()).rejects.toThrow('the host refused the user name or password of "root"');
});

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../../../../simulator/index.ts";
import { createVm, nic, POOL, startLab } from "../../host/lab.ts";
import { allTexts, COLLECTOR, firstText, type RawClient, VM_FOLDER } from "../../host/raw-client.ts";

const FILES = "FileManager:ha-nfc-file-manager";

/** Copies a VM's `.vmx` into a folder of its own, and registers it. */
async function registerCopy(client: RawClient, from: string, to: string): Promise<string> {
  await client.ok("MakeDirectory", FILES, `<name>[datastore1] ${to}</name>`);
  const names = `<sourceName>[datastore1] ${from}/${from}.vmx</sourceName><destinationName>[datastore1] ${to}/${to}.vmx</destinationName>`;
  expect((await client.task("CopyDatastoreFile_Task", FILES, names)).state).toBe("success");
  const path = `<path>[datastore1] ${to}/${to}.vmx</path><name>${to}</name><asTemplate>false</asTemplate>`;
  const end = await client.task("RegisterVM_Task", VM_FOLDER, path + POOL);
  expect(end.state, end.message).toBe("success");
  return `VirtualMachine:${end.result}`;
}

/** Waits until the VM asks. */
async function question(client: RawClient, vm: string): Promise<string> {
  const collector = `PropertyCollector:${firstText(await client.ok("CreatePropertyCollector", COLLECTOR), "returnval")}`;
  await client.ok(
    "CreateFilter",
    collector,
    `<spec><propSet><type>VirtualMachine</type><pathSet>runtime.question</pathSet></propSet><objectSet><obj type="VirtualMachine">${vm.split(":")[1]}</obj></objectSet></spec><partialUpdates>false</partialUpdates>`,
  );
  for (let version = ""; ; ) {
    const text = await client.ok("WaitForUpdatesEx", collector, `<version>${version}</version>`);
    version = firstText(text, "version");
    if (text.includes("msg.uuid.altered")) return text;
  }
}

async function startCopy(
  client: RawClient,
): Promise<{ source: string; copy: string; task: string; asked: string }> {
  const source = await createVm(client, "source", { tail: nic() });
  await client.task("PowerOnVM_Task", source);
  await client.task("PowerOffVM_Task", source);
  const copy = await registerCopy(client, "source", "copy");
  const task = firstText(await client.ok("PowerOnVM_Task", copy), "returnval");
  return { source, copy, task, asked: await question(client, copy) };
}

/** Answers with the choice whose label says this. */
async function answer(client: RawClient, vm: string, asked: string, label: RegExp): Promise<void> {
  const choices = [...asked.matchAll(/<choiceInfo[^>]*>([\s\S]*?)<\/choiceInfo>/g)].map(
    ([, choice = ""]) => choice,
  );
  const choice = choices.find((one) => label.test(firstText(one, "label").replaceAll("_", ""))) ?? "";
  await client.ok(
    "AnswerVM",
    vm,
    `<questionId>${firstText(asked, "id")}</questionId><answerChoice>${firstText(choice, "key")}</answerChoice>`,
  );
}

const facts = (simulator: Simulator, name: string) => {
  const vm = simulator.vms().find((one) => one.name === name);
  const nics = (vm?.config.hardware.device ?? []).filter((device) => "macAddress" in device);
  return {
    uuid: vm?.uuid,
    instanceUuid: vm?.instanceUuid,
    macs: nics.map((device) => "macAddress" in device && device.macAddress),
  };
};

describe("a registered copy of a .vmx", () => {
  it("asks at power-on whether it was moved or copied, and waits for the answer", async () => {
    const { simulator, client } = await startLab();
    const { copy, task, asked } = await startCopy(client);
    expect(allTexts(asked, "label").map((label) => label.replaceAll("_", ""))).toEqual([
      "Cancel",
      "I Moved It",
      "I Copied It",
    ]);
    expect(await client.value(copy, "runtime.powerState")).toBe("poweredOff");
    expect((await client.call("Destroy_Task", copy)).fault).toBe("TaskInProgress");
    expect(facts(simulator, "copy")).toEqual(facts(simulator, "source"));
    await answer(client, copy, asked, /copied/i);
    expect((await client.taskEnd(task)).state).toBe("success");
    const [one, two] = [facts(simulator, "source"), facts(simulator, "copy")];
    expect(two.uuid).not.toBe(one.uuid);
    expect(two.macs).not.toEqual(one.macs);
    // What vCenter would change stays on a host without one.
    expect(two.instanceUuid).toBe(one.instanceUuid);
  });

  it("keeps its identity when it was moved, and does not ask again", async () => {
    const { simulator, client } = await startLab();
    const { copy, task, asked } = await startCopy(client);
    await answer(client, copy, asked, /moved/i);
    expect((await client.taskEnd(task)).state).toBe("success");
    expect(facts(simulator, "copy")).toEqual(facts(simulator, "source"));
    await client.task("PowerOffVM_Task", copy);
    expect((await client.task("PowerOnVM_Task", copy)).state).toBe("success");
  });

  it("does not start when the answer is to cancel", async () => {
    const { client } = await startLab();
    const { copy, task, asked } = await startCopy(client);
    await answer(client, copy, asked, /cancel/i);
    expect((await client.taskEnd(task)).state).toBe("error");
    expect(await client.value(copy, "runtime.powerState")).toBe("poweredOff");
    expect(await client.value(copy, "runtime.question")).toBeUndefined();
  });

  it("refuses answers to what was not asked", async () => {
    const { client } = await startLab();
    const { source, copy, asked } = await startCopy(client);
    const id = `<questionId>${firstText(asked, "id")}</questionId>`;
    const fault = async (vm: string, answered: string) => (await client.call("AnswerVM", vm, answered)).fault;
    expect(await fault(source, `${id}<answerChoice>2</answerChoice>`)).toBe("InvalidState");
    expect(await fault(copy, `${id}<answerChoice>7</answerChoice>`)).toBe("InvalidArgument");
    expect(await fault(copy, "<questionId>other</questionId><answerChoice>2</answerChoice>")).toBe(
      "InvalidArgument",
    );
  });

  it("asks nothing once its identity is taken out of the file", async () => {
    const { simulator, client } = await startLab();
    await createVm(client, "source", { tail: nic() });
    const vmx = simulator
      .diskFile("[datastore1] source/source.vmdk")
      .replace(/source-flat\.vmdk$/, "source.vmx");
    const text = (await readFile(vmx, "utf8"))
      .split("\n")
      .filter((line) => !/^(uuid\.|vc\.uuid|ethernet0\.generatedAddress)/.test(line))
      .join("\n");
    await writeFile(vmx, text);
    const copy = await registerCopy(client, "source", "copy");
    expect((await client.task("PowerOnVM_Task", copy)).state).toBe("success");
    const [one, two] = [facts(simulator, "source"), facts(simulator, "copy")];
    expect(two.uuid).not.toBe(one.uuid);
    expect(two.instanceUuid).not.toBe(one.instanceUuid);
    expect(two.macs).not.toEqual(one.macs);
  });
});

describe("RegisterVM_Task", () => {
  it("reads what stands in the file, in the encoding that it names", async () => {
    const { simulator, client } = await startLab();
    await client.ok("MakeDirectory", FILES, "<name>[datastore1] odd</name>");
    const folder = join(simulator.diskFile("[datastore1] odd/x.vmdk"), "..");
    const text = [
      '.encoding = "windows-1252"',
      '  config.version="8"',
      "virtualHW.version = 19",
      "# a comment",
      'DISPLAYNAME = "M|FCller \xfc |22quoted|22 |7C"'.replace("|FC", "\xfc"),
      'memsize = "128"',
      'guestOS = "debian12-64"',
      "",
    ].join("\r\n");
    await writeFile(join(folder, "odd.vmx"), Buffer.from(text, "latin1"));
    const path = `<path>[datastore1] odd/odd.vmx</path><asTemplate>false</asTemplate>`;
    expect((await client.task("RegisterVM_Task", VM_FOLDER, path + POOL)).state).toBe("success");
    const [vm] = simulator.vms();
    expect(vm?.name).toBe('M\xfcller \xfc "quoted" |');
    expect(vm?.config.hardware.memoryMB).toBe(128);
    expect(vm?.config.version).toBe("vmx-19");
    expect(vm?.config.guestId).toBe("debian12_64Guest");
  });

  it("fails for a file that is not there, and for one that is registered", async () => {
    const { client } = await startLab();
    await createVm(client, "source");
    const register = async (name: string): Promise<string> => {
      const path = `<path>[datastore1] ${name}/${name}.vmx</path><asTemplate>false</asTemplate>`;
      return (await client.task("RegisterVM_Task", VM_FOLDER, path + POOL)).fault;
    };
    expect(await register("none")).toBe("FileNotFound");
    expect(await register("source")).toBe("AlreadyExists");
  });
});

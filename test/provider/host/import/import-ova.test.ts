/** An OVA on its way to the host: what is asked for, who sees the machine when, and what a stop or a taken name does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { importOva } from "../../../../provider/host/import/import-ova.ts";
import type { ImportOptions, OvaImport } from "../../../../provider/host/import/ova-import.ts";
import type { VmIdentity } from "../../../../provider/host/vm/reading/vm-of-state.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { LocalizedMethodFault, OvfCreateImportSpecResult } from "../../../../schema/index.ts";
import { untilSomebodyWaits } from "../../../support/slow-task.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";
import { PLAIN_IMPORT } from "./plain-import.ts";

let lab: Lab;
let source: OvaSource;

beforeAll(async () => {
  source = await openOvaSource(tinyOva.path);
});

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await lab.close();
});

afterAll(() => source.close());

function imported(
  { ova = source, ...request }: Partial<OvaImport> & { readonly ova?: OvaSource } = {},
  options: Partial<ImportOptions> = {},
) {
  const { progress, signal } = lab.context();
  const says = { onStatus: progress.status, onWarning: progress.warn, beforeRetry: async () => {} };
  return importOva(lab.host, ova, { ...PLAIN_IMPORT, ...request }, { signal, ...says, ...options });
}

const DUPLICATE = { fault: "DuplicateName", message: "The name 'vm' already exists." };
const vms = async () => (await lab.raw.contents()).vms;

test("says what it does from the beginning to the end", async () => {
  await imported();
  expect(lab.texts("status").at(0)).toBe("preparing the import");
  expect(lab.texts("status").at(-1)).toBe("completing the import");
  expect(lab.texts("status").join()).not.toContain("waiting until");
  expect(lab.texts("warn")).toEqual([]);
});

test("asks the host for what was said, and for nothing else", async () => {
  const call = vi.spyOn(lab.host.client, "call");
  // The OVA has no such property, so the host takes it no further.
  await failure(imported({ propertyMapping: { "disk.size": "1" } }));
  const [, , asked] = call.mock.calls.find(([, method]) => method === "CreateImportSpec") ?? [];
  expect(asked).toMatchObject({
    cisp: {
      locale: "",
      deploymentOption: "",
      entityName: "vm",
      diskProvisioning: "thin",
      networkMapping: [{ name: "VM Network" }],
      propertyMapping: [{ $type: "KeyValue", key: "disk.size", value: "1" }],
    },
  });
});

test("makes a machine of an OVA without files", async () => {
  const ova = await openOvaSource(await lab.ova({ files: [] }));
  try {
    await imported({ ova });
  } finally {
    await ova.close();
  }
  expect(await vms()).toEqual(["vm: poweredOff"]);
});

test("a host without an OVF manager is told by name", async () => {
  const facts = await lab.host.facts();
  const { ovfManager: _, ...content } = facts.content;
  vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, content });
  expect((await failure(imported())).message).toContain(
    "esxi1 offers no OVF import: its API has no OvfManager",
  );
});

test("a refresh sees the machine while it is made, and no more when that has failed", async () => {
  let identity: VmIdentity = { instanceUuid: "none yet" };
  const seen = async () => (await lab.host.vms.snapshot(identity))?.name;
  expect(await seen()).toBeUndefined();
  const meanwhile: (string | undefined)[] = [];
  lab.raw.simulator.faults.add({
    method: "nfc",
    atByte: 1000,
    action: "disconnect",
    onWork: async (moment) => {
      if (moment === "after") return;
      const { instanceUuid, moid } = lab.raw.vm("vm");
      identity = { instanceUuid, moid };
      meanwhile.push(await seen());
    },
  });
  await failure(imported());
  expect(meanwhile).toEqual(["vm", "vm", "vm"]);
  expect(await seen()).toBeUndefined();
});

describe("a run that is stopped", () => {
  const stop = new Error("^C");

  test.each(["CreateImportSpec", "ImportVApp"])("does not wait for the answer to %s", async (method) => {
    const run = new AbortController();
    lab.raw.simulator.faults.add({
      method,
      action: "hang",
      onWork: (moment) => (moment === "before" ? run.abort(stop) : undefined),
    });
    expect(await failure(imported({}, { signal: run.signal }))).toBe(stop);
    expect(await vms()).toEqual([]);
  });

  test("does not try an upload again that breaks at that moment", async () => {
    const run = new AbortController();
    const beforeRetry = vi.fn(async () => {});
    lab.raw.simulator.faults.add({
      method: "nfc",
      atByte: 1000,
      action: "disconnect",
      onWork: (moment) => (moment === "before" ? run.abort(stop) : undefined),
    });
    expect(await failure(imported({}, { signal: run.signal, beforeRetry }))).toBe(stop);
    expect(beforeRetry).not.toHaveBeenCalled();
    expect(lab.texts("warn")).toEqual([]);
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
  });
});

test("a run that is stopped while a broken upload is cleared away does not try it again", async () => {
  const run = new AbortController();
  const stop = new Error("^C");
  const beforeRetry = vi.fn(async () => {});
  lab.raw.simulator.faults.add({ method: "nfc", atByte: 1000, action: "disconnect" });
  lab.raw.simulator.faults.add({
    method: "HttpNfcLeaseAbort",
    action: "continue",
    onWork: () => run.abort(stop),
  });
  expect(await failure(imported({}, { signal: run.signal, beforeRetry }))).toBe(stop);
  expect(beforeRetry).not.toHaveBeenCalled();
  expect(lab.texts("warn")).toEqual([]);
});

test("a host that cannot fetch files is sent them, and is asked for no more than it can", async () => {
  const facts = await lab.host.facts();
  vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, apiVersion: "6.5" });
  const { message } = await failure(imported({ pullFrom: "http://files.lab/a.ova" }));
  expect(message).toMatch(/does not fetch files by itself .*6\.5/);
  expect(lab.raw.count("CreateImportSpec")).toBe(0);
  await imported();
  expect(await vms()).toEqual(["vm: poweredOff"]);
});

test("what a host has nothing against is not changed by relax", async () => {
  await imported({ relax: true });
  expect(lab.raw.count("CreateImportSpec")).toBe(1);
  expect(lab.texts("warn")).toEqual([]);
});

describe("a name that another import keeps", () => {
  beforeEach(() => lab.raw.simulator.faults.add({ method: "ImportVApp", count: 1, action: DUPLICATE }));

  /** The time that is given to a machine until it is seen, which ends when the test says so. */
  function patience(): AbortController {
    const limit = new AbortController();
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => (ms === 10_000 ? limit.signal : timeout(ms)));
    return limit;
  }

  test("is waited for until its machine is seen, whatever else is made meanwhile, and then cleared away", async () => {
    patience();
    const stranger = new Stranger(lab);
    await stranger.vm("first");
    const watch = vi.spyOn(lab.host.client.updates, "watch");
    const seen: (readonly string[])[] = [];
    const waiting = untilSomebodyWaits(lab.raw.simulator);
    const making = imported(
      {},
      {
        beforeRetry: async () => {
          seen.push(await vms());
          const theirs = { type: "VirtualMachine", value: lab.raw.vm("vm").moid };
          const { signal } = new AbortController();
          await lab.host.task(() => lab.host.client.call(theirs, "Destroy_Task", {}), { signal });
        },
      },
    );
    await waiting;
    await stranger.vm("other");
    await stranger.vm("vm");
    const { value } = await making;
    expect(seen).toEqual([["first: poweredOff", "other: poweredOff", "vm: poweredOff"]]);
    // It looks again only when there is a new one.
    const looks = watch.mock.calls.filter(([, type]) => type === "Folder");
    expect(looks.length).toBeLessThanOrEqual(2);
    expect(looks[0]?.[3]({})).toBeUndefined();
    expect(lab.raw.vm("vm").moid).toBe(value);
    expect(lab.raw.count("ImportVApp")).toBe(2);
  });

  test("is not waited for if its machine is there", async () => {
    await new Stranger(lab).vm("other");
    await new Stranger(lab).vm("vm");
    lab.raw.simulator.faults.clear();
    vi.spyOn(lab.host.client.updates, "watch").mockRejectedValue(new Error("it was waited for"));
    const beforeRetry = vi.fn(async () => {});
    expect((await failure(imported({}, { beforeRetry }))).message).toContain("already exists");
    expect(beforeRetry).toHaveBeenCalledTimes(2);
  });

  test("is waited for ten seconds, and then tried again without it", async () => {
    const limit = patience();
    const waiting = untilSomebodyWaits(lab.raw.simulator);
    const making = imported();
    await waiting;
    limit.abort(new Error("ten seconds are over"));
    await making;
    expect(await vms()).toEqual(["vm: poweredOff"]);
    expect(lab.texts("warn")).toEqual([
      expect.stringMatching(/already exists.*Trying again with a new lease \(2 of 3\)/),
    ]);
  });

  test("is not waited for by a run that is stopped", async () => {
    const run = new AbortController();
    const stop = new Error("^C");
    const waiting = untilSomebodyWaits(lab.raw.simulator);
    const making = failure(imported({}, { signal: run.signal }));
    await waiting;
    run.abort(stop);
    expect(await making).toBe(stop);
    expect(lab.raw.count("ImportVApp")).toBe(1);
  });

  test("is not waited for if the host does not tell what it has", async () => {
    vi.spyOn(lab.host.client.updates, "watch").mockRejectedValue(new Error("no updates"));
    expect((await failure(imported())).message).toBe("no updates");
    expect(lab.raw.count("ImportVApp")).toBe(1);
  });
});

describe("what the host reads in the descriptor", () => {
  type Answer = OvfCreateImportSpecResult;

  /** The host's answers to CreateImportSpec, as the function makes them; it gets the descriptor and how often it was asked. */
  function answers(change: (answer: Answer, descriptor: string, times: number) => Answer): () => number {
    const { client } = lab.host;
    const call = client.call.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
    let times = 0;
    const answer = async (...args: readonly unknown[]) => {
      const found = await call(...args);
      if (args[1] !== "CreateImportSpec") return found;
      const { ovfDescriptor } = args[2] as { readonly ovfDescriptor: string };
      return change(found as Answer, ovfDescriptor, times++);
    };
    vi.spyOn(client, "call").mockImplementation(answer as typeof client.call);
    return () => times;
  }

  const fault = (localizedMessage: string, more: object = {}) =>
    create("LocalizedMethodFault", {
      fault: { $type: "OvfUnsupportedElement", ...more } as LocalizedMethodFault["fault"],
      localizedMessage,
    });
  /** Imports an OVA that is made for it. */
  async function importedFrom(hardware: string, request: Partial<OvaImport> = {}) {
    const ova = await openOvaSource(await lab.ova({ hardware }));
    return imported({ ova, ...request }).finally(() => ova.close());
  }

  test("is refused if the host found an error in it, even where it gives a specification", async () => {
    answers((answer) => ({ ...answer, error: [fault("no such bus."), fault("no such disk")] }));
    expect((await failure(imported())).message).toMatch(
      /^esxi1 refuses .*tinyVM\.ova for "vm": no such bus; no such disk\. Nothing was created\.$/,
    );
    expect(await vms()).toEqual([]);
  });

  test("is refused without a specification, though no reason was given", async () => {
    answers(({ importSpec: _, ...answer }) => answer);
    expect((await failure(imported())).message).toMatch(/: it gave no reason\. Nothing was created\.$/);
  });

  test("is told where the host warns of it, and the machine is made", async () => {
    answers((answer) => ({ ...answer, warning: [fault("that is old.")] }));
    await imported();
    expect(lab.texts("warn")).toEqual([
      expect.stringMatching(/^esxi1 says of .*tinyVM\.ova: that is old\.$/),
    ]);
    expect(await vms()).toEqual(["vm: poweredOff"]);
  });

  test("is refused where it is a vApp", async () => {
    const importSpec = { $type: "VirtualAppImportSpec" } as unknown as NonNullable<Answer["importSpec"]>;
    answers((answer) => ({ ...answer, importSpec }));
    expect((await failure(imported())).message).toMatch(/holds a vApp; a host without vCenter takes/);
    expect(lab.raw.count("ImportVApp")).toBe(0);
  });

  test("is refused where a disk would have another size than the properties say", async () => {
    const error = await failure(imported({ sizesByProperty: { first: 7 * 1024, second: 9 * 1024 } }));
    expect(error.message).toContain("does not take the size of first, second of ");
    expect(lab.raw.count("ImportVApp")).toBe(0);
  });

  const CONFIGS = Array.from(
    { length: 8 },
    (_, number) => `<vmw:Config ovf:required="true" vmw:key="setting${number}" vmw:value="1"/>`,
  ).join("\n");
  /** Refuses one setting after the other, whatever was changed. */
  const oneAfterTheOther = (answer: Answer, descriptor: string, times: number): Answer => {
    const line = descriptor.split("\n").findIndex((each) => each.includes(`"setting${times}"`));
    return { ...answer, error: [fault("no such setting", { name: "Config", lineNumber: line + 1 })] };
  };

  test("is changed five times at most with relax, and each change is told", async () => {
    const times = answers(oneAfterTheOther);
    expect((await failure(importedFrom(CONFIGS, { relax: true }))).message).toMatch(
      /no such setting\. Nothing was created\.$/,
    );
    expect(times()).toBe(6);
    expect(lab.texts("warn")).toHaveLength(5);
    expect(lab.texts("warn").at(-1)).toMatch(/^changed for the host by relax: .*test\.ova, .*setting4/);
  });

  test("is not asked for again with relax where nothing can be changed", async () => {
    const times = answers((answer) => ({ ...answer, error: [fault("no such bus")] }));
    await failure(importedFrom(CONFIGS, { relax: true }));
    expect(times()).toBe(1);
    expect(lab.texts("warn")).toEqual([]);
  });

  test.each([
    ["all of it", [], "this is changed for the host"],
    ["some of it", [fault("no such bus")], "some of this is changed for the host, the rest is not"],
  ])("is asked for once without relax, which is told to help with %s", async (_, further, hint) => {
    const times = answers((answer, descriptor) => {
      const { error = [] } = oneAfterTheOther(answer, descriptor, 0);
      return { ...answer, error: [...error, ...further] };
    });
    const { message } = await failure(importedFrom(CONFIGS));
    expect(message).toContain(`Nothing was created. With relax: true ${hint}.`);
    expect(times()).toBe(1);
  });

  const EXTRA = ["a.b", "c.d", "e.f"]
    .map((key) => `<vmw:ExtraConfig ovf:required="false" vmw:key="${key}" vmw:value="theirs"/>`)
    .join("\n");
  const settings = { extraConfig: { "c.d": "mine" } };
  const values = () => ["a.b", "c.d", "e.f"].map((key) => lab.extraConfig(lab.raw.vm("vm"), key));

  test("is left out and named where it is an advanced setting that the program does not take", async () => {
    await importedFrom(EXTRA, { settings });
    expect(values()).toEqual([undefined, "mine", undefined]);
    expect(lab.texts("warn")).toEqual([
      expect.stringMatching(
        /^"vm" does not get these advanced settings of the OVA: a\.b.*, e\.f.*\. With allowExtra/,
      ),
    ]);
  });

  test("is on the machine where it is an advanced setting that the program takes, beside the program's own", async () => {
    await importedFrom(EXTRA, { settings, allowExtraConfig: true });
    expect(values()).toEqual(["theirs", "mine", "theirs"]);
    expect(lab.texts("warn")).toEqual([]);
  });
});

/** An OVA on its way to the host: what is asked for, who sees the machine when, and what a stop or a taken name does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ImportOptions,
  importOva,
  type OvaImport,
} from "../../../../provider/host/import/import-ova.ts";
import type { VmIdentity } from "../../../../provider/host/vm/reading/the-machine.ts";
import { type OvaSource, openOvaSource } from "../../../../provider/ovf/source/source.ts";
import { untilSomebodyWaits } from "../../../support/slow-task.ts";
import { tinyOva } from "../../../support/tiny-ova.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

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

const REQUEST: OvaImport = {
  name: "vm",
  datastore: undefined,
  resourcePool: undefined,
  networkMap: {},
  ovfNetworks: ["VM Network"],
  deploymentOption: undefined,
  diskProvisioning: "thin",
  pullFrom: undefined,
  allowExtraConfig: false,
  relax: false,
  propertyMapping: {},
  sizesByProperty: {},
  settings: {},
};

function imported(
  { ova = source, ...request }: Partial<OvaImport> & { readonly ova?: OvaSource } = {},
  options: Partial<ImportOptions> = {},
) {
  const { progress, signal } = lab.context();
  const says = { onStatus: progress.status, onWarning: progress.warn, beforeRetry: async () => {} };
  return importOva(lab.host, ova, { ...REQUEST, ...request }, { signal, ...says, ...options });
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
  expect((await failure(imported())).message).toBe("esxi1 offers no OVF import.");
});

test("a refresh sees the machine while it is made, and no more when that has failed", async () => {
  let identity: VmIdentity = { instanceUuid: "none yet" };
  const seen = async () => (await lab.host.vms.snapshot(identity))?.name;
  expect(await seen()).toBeUndefined();
  let meanwhile: string | undefined;
  lab.raw.simulator.faults.add({
    method: "nfc",
    atByte: 1000,
    action: "disconnect",
    onWork: async (moment) => {
      if (moment === "after") return;
      const { instanceUuid, moid } = lab.raw.vm("vm");
      identity = { instanceUuid, moid };
      meanwhile = await seen();
    },
  });
  await failure(imported());
  expect(meanwhile).toBe("vm");
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

describe("a name that another import keeps", () => {
  beforeEach(() => lab.raw.simulator.faults.add({ method: "ImportVApp", count: 1, action: DUPLICATE }));

  test("is waited for until its machine is seen, whatever else is made meanwhile, and then cleared away", async () => {
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
    const stranger = new Stranger(lab);
    await stranger.vm("other");
    await stranger.vm("vm");
    const { value } = await making;
    expect(seen).toEqual([["other: poweredOff", "vm: poweredOff"]]);
    expect(lab.raw.vm("vm").moid).toBe(value);
    expect(lab.raw.count("ImportVApp")).toBe(2);
  });

  test("is not waited for if its machine is there", async () => {
    await new Stranger(lab).vm("other");
    await new Stranger(lab).vm("vm");
    lab.raw.simulator.faults.clear();
    const beforeRetry = vi.fn(async () => {});
    await failure(imported({}, { beforeRetry }));
    expect(beforeRetry).toHaveBeenCalledTimes(2);
  });

  /** The time that is given to a machine until it is seen, which ends when the test says so. */
  function patience(): AbortController {
    const limit = new AbortController();
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => (ms === 10_000 ? limit.signal : timeout(ms)));
    return limit;
  }

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

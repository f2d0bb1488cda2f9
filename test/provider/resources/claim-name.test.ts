/** Whose VM is it? A create goes on with its own interrupted work, and with nothing else. */
import { cp } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  formatOwnerMark,
  OWNER_MARK_KEY,
  type OwnerMark,
} from "../../../provider/host/vm/reading/owner-mark.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import type { SimulatedVm } from "../../../simulator/index.ts";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

/** Puts this mark on the VM, or takes its mark off. */
async function mark(vm: SimulatedVm, change: Partial<OwnerMark> | undefined): Promise<void> {
  const now = lab.ownerMark(vm);
  const value = change && now ? formatOwnerMark({ ...now, ...change }) : "";
  await lab.raw.simulator.behindBack.reconfigure(vm.moid, {
    extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value })],
  });
}

test("a finished create leaves its mark on the VM", async () => {
  const { inputs } = await lab.create();
  expect(lab.ownerMark(lab.raw.vm("vm"))).toEqual({
    schema: 1,
    urn: inputs.__urn,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    phase: "created",
    session: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
});

test("the mark holds no session key, which would let others in", async () => {
  await lab.create();
  const keys = lab.raw.simulator.sessions().map(({ key }) => key);
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) expect(JSON.stringify(lab.ownerMark(lab.raw.vm("vm")))).not.toContain(key);
});

test.each([
  ["has no mark", undefined, "was not made by pulumi-esxi-direct"],
  ["has another resource's mark", { urn: "urn:pulumi:dev::other::x" }, "urn:pulumi:dev::other::x"],
  [
    "was made by another resource of the same stack",
    { urn: "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::before" },
    "under another name or parent, tell Pulumi so by the option `aliases`",
  ],
  [
    "is finished, and this stack does not know it",
    { phase: "created" },
    "whose state this stack does not have",
  ],
  [
    "comes from an interrupted create with other inputs",
    { phase: "creating", digest: "0" },
    "with other inputs",
  ],
] as const)("a VM of that name that %s is left alone", async (_, change, why) => {
  await lab.create();
  await mark(lab.raw.vm("vm"), change);
  const before = lab.raw.vm("vm").config;
  const files = (await lab.raw.contents()).files;

  const error = await failure(lab.create());

  expect(error.message).toContain('esxi1 has a VM named "vm" already, and it is left alone');
  expect(error.message).toContain(why);
  expect(error.message).toContain("another `name`");
  const isMoved = why.includes("aliases");
  expect(error.message.includes("aliases")).toBe(isMoved);
  expect(error.message.includes("esxi:takeBack true")).toBe(why.includes("whose state"));
  expect(lab.raw.vm("vm")).toMatchObject({ powerState: "poweredOn", config: before });
  expect((await lab.raw.contents()).files).toEqual(files);
});

test("a mark that a newer release has written is nobody's", async () => {
  await lab.create();
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, {
    extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value: '{"schema":2}' })],
  });
  const error = await failure(lab.create());
  expect(error.message).toContain("was not made by pulumi-esxi-direct");
});

test("a VM that runs when its create is interrupted is gone on with", async () => {
  const first = await lab.create();
  await mark(lab.raw.vm("vm"), { phase: "creating" });
  await lab.restart();
  lab.raw.simulator.requests.clear();

  const second = await lab.create({ annotation: "now with notes" });

  expect(second.id).toBe(first.id);
  expect(lab.raw.vm("vm").config.annotation).toBe("now with notes");
  expect(lab.ownerMark(lab.raw.vm("vm"))?.phase).toBe("created");
  expect(lab.raw.count("ImportVApp")).toBe(0);
});

test("what an interrupted create left, powered off, is removed and made anew", async () => {
  const first = await lab.create({ powerOn: false });
  await mark(lab.raw.vm("vm"), { phase: "creating" });
  await lab.restart();

  const second = await lab.create({ powerOn: false });

  expect(second.id).not.toBe(first.id);
  expect(lab.texts("status")).toContain('removing what an interrupted run left of "vm"');
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
  const folders = (await lab.raw.contents()).files.filter((file) => file.endsWith("/"));
  expect(folders).toHaveLength(1);
  expect(lab.ownerMark(lab.raw.vm("vm"))?.phase).toBe("created");
});

test("a create that another run is at work on is left to it", async () => {
  await lab.create({ powerOn: false });
  await mark(lab.raw.vm("vm"), { phase: "creating" });
  const other = lab.connect();
  const alive = setInterval(() => void lab.host.facts().then(() => lab.host.vms.entries()), 1000);
  try {
    const inputs = await lab.inputs({ powerOn: false });
    const error = await failure(ovaDeployment.create(inputs, lab.context(undefined, other)));
    expect(error.message).toContain('another run of Pulumi is creating "vm" right now');
    expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
  } finally {
    clearInterval(alive);
  }
}, 90_000);

test("a machine of another name is no obstacle, nor one that is gone by the time it is looked at", async () => {
  const gone = await lab.create({ name: "gone", powerOn: false });
  await lab.create({ name: "other", powerOn: false });
  await lab.restart();
  const entries = await lab.host.vms.entries();
  await lab.delete(gone);
  vi.spyOn(lab.host.vms, "recentEntries").mockResolvedValue(entries);
  await lab.create({ name: "gone", powerOn: false });
  expect((await lab.raw.contents()).vms).toEqual(["gone: poweredOff", "other: poweredOff"]);
});

test("a machine of that name that the host cannot read now is left alone, with the reason", async () => {
  await lab.create({ powerOn: false });
  const { moid } = lab.raw.vm("vm");
  lab.raw.simulator.behindBack.setUnreadable(moid, { state: "inaccessible", tells: "everything" });
  await lab.restart();
  expect((await failure(lab.create())).message).toMatch(
    /has a VM named "vm" already, and it is left alone\. .*inaccessible/,
  );
  lab.raw.simulator.behindBack.setUnreadable(moid, undefined);
  expect(lab.raw.vm("vm").moid).toBe(moid);
});

test("what cannot be looked at is an error, and nobody's name is taken", async () => {
  await lab.create({ powerOn: false });
  await lab.restart();
  const error = new Error("no answer");
  vi.spyOn(lab.host.vms, "byReference").mockRejectedValue(error);
  expect(await failure(lab.create())).toBe(error);
});

describe("a copy by hand that has the name and mark of a machine of ours", () => {
  const twice = async (change: Partial<OwnerMark>) => {
    await lab.create({ powerOn: false });
    await mark(lab.raw.vm("vm"), change);
    const { simulator } = lab.raw;
    await cp(
      dirname(simulator.localFile("[datastore1] vm/vm.vmx")),
      simulator.localFile("[datastore1] copy"),
      {
        recursive: true,
      },
    );
    await lab.register("[datastore1] copy/vm.vmx");
    await lab.restart();
  };
  const names = async () => (await lab.raw.contents()).vms;

  test("makes it unclear which of them an interrupted run has made: both are left alone", async () => {
    await twice({ phase: "creating" });
    expect((await failure(lab.create({ powerOn: false }))).message).toMatch(
      /what an interrupted run left of this resource\. The host has 2 of that name, so one may be a copy by hand/,
    );
    expect(await names()).toEqual(["vm: poweredOff", "vm: poweredOff"]);
  });

  test("makes it unclear which of them is to be taken back: both are left alone", async () => {
    await twice({});
    const context = { ...lab.context(), takeBack: true };
    expect((await failure(lab.create({ powerOn: false }, context))).message).toContain("There are 2 of them");
    expect(await names()).toEqual(["vm: poweredOff", "vm: poweredOff"]);
  });
});

test("the second of two resources that want one name is told of the first, before the host is asked", async () => {
  const inputs = await lab.inputs({ powerOn: false });
  await ovaDeployment.create({ ...inputs, __urn: "urn:first" }, lab.context());
  const second = ovaDeployment.create({ ...inputs, __urn: "urn:second" }, lab.context());
  expect((await failure(second)).message).toBe(
    'Two resources want a VM named "vm" on esxi1: this one and urn:first. Give one of them another `name`.',
  );
});

test("two resources of one name do not overwrite each other", async () => {
  const inputs = await lab.inputs({ powerOn: false });
  const results = await Promise.allSettled(
    [1, 2].map((number) => ovaDeployment.create({ ...inputs, __urn: `urn:${number}` }, lab.context())),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await lab.raw.until(() => lab.raw.simulator.leases().length === 0, "no lease is left");
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

test("the order in which a program names its networks does not make it another create", async () => {
  const ovaPath = await lab.ova({ networks: ["a", "b"] });
  const settings = (ovfNetworkMap: Record<string, string>) => ({ ovaPath, ovfNetworkMap });
  const first = await lab.create(settings({ a: "lab-net", b: "VM Network" }));
  await mark(lab.raw.vm("vm"), { phase: "creating" });
  await lab.restart();
  const second = await lab.create(settings({ b: "VM Network", a: "lab-net" }));
  expect(second.id).toBe(first.id);
});

test("another map of networks is another create, as it is in the marks of earlier releases", async () => {
  const digests: unknown[] = [];
  for (const network of ["lab-net", "VM Network"]) {
    const vm = await lab.create({ ovfNetworkMap: { "VM Network": network }, powerOn: false });
    digests.push(lab.ownerMark(lab.raw.vm("vm"))?.digest);
    await lab.delete(vm);
  }
  expect(new Set(digests).size).toBe(2);
});

test("with takeBack a machine of the very same resource comes back, and is updated to what the program says", async () => {
  const made = await lab.create({ memory: 64, powerOn: false });
  await lab.restart();
  const context = { ...lab.context(), takeBack: true };
  const back = await lab.create({ memory: 128, powerOn: false }, context);
  expect(back.id).toBe(made.id);
  expect(lab.texts("info")).toContainEqual(expect.stringContaining('taking back "vm"'));
  expect(lab.raw.count("nfc")).toBe(1);
  expect(lab.raw.vm("vm").config.hardware.memoryMB).toBe(128);
  expect(lab.raw.simulator.vms()).toHaveLength(1);
});

test.each([
  ["has no mark", undefined, "was not made by pulumi-esxi-direct"],
  ["has another resource's mark", { urn: "urn:pulumi:dev::other" }, "urn:pulumi:dev::other"],
  ["would have to be replaced", { digest: "0" }, "what only a new machine can be"],
] as const)("with takeBack a machine that %s is left alone", async (_, change, why) => {
  await lab.create({ powerOn: false });
  await mark(lab.raw.vm("vm"), change);
  const before = lab.raw.vm("vm").config;
  await lab.restart();
  const error = await failure(lab.create({ powerOn: false }, { ...lab.context(), takeBack: true }));
  expect(error.message).toContain(why);
  expect(lab.raw.vm("vm").config).toEqual(before);
});

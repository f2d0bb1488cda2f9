/** The machine that a clone is made of: by which names it is found, what is read of it, and how long that serves. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ageClock } from "../../../../provider/clock.ts";
import { findCloneSource, flat, readCloneSource } from "../../../../provider/host/clone/clone-source.ts";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { VirtualMachineConfigInfo, VirtualMachineSnapshotTree } from "../../../../schema/index.ts";
import { told } from "../../../support/told.ts";
import { failure, Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

let lab: Lab;
let stranger: Stranger;
/** A connection that knows nothing yet. */
let host: EsxiHost;
const LOOKS_LIKE = "52000000-aaaa-bbbb-cccc-000000000001";

beforeAll(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
  for (const name of ["golden", "other", LOOKS_LIKE]) await stranger.vm(name);
});

afterAll(() => lab.close());

beforeEach(() => {
  host = lab.connect();
});

afterEach(() => void vi.restoreAllMocks());

const moidOf = (name: string) => lab.raw.vm(name).moid;
const uuidOf = (name: string) => String(lab.raw.vm(name).config.instanceUuid);
const foundBy = async (source: string, by = host) => (await findCloneSource(by, source)).ref.value;

describe("a source", () => {
  test("is found by its name, its instance UUID in any spelling, and the path of its file", async () => {
    for (const name of ["golden", "other"]) {
      const known = [name, uuidOf(name), uuidOf(name).toUpperCase(), lab.raw.vm(name).vmxPath];
      for (const source of known) expect(await foundBy(source, lab.connect())).toBe(moidOf(name));
    }
  });

  test("is found by a name that looks like an instance UUID, unless another machine has that UUID", async () => {
    expect(await foundBy(LOOKS_LIKE)).toBe(moidOf(LOOKS_LIKE));
    told(host, "config.instanceUuid", (uuid) => (uuid === uuidOf("other") ? LOOKS_LIKE : uuid));
    host.vms.forget();
    vi.spyOn(ageClock, "now").mockReturnValue(ageClock.now() + 5000);
    expect(await foundBy(LOOKS_LIKE.toUpperCase())).toBe(moidOf("other"));
  });

  test("is not guessed: several of the name are told by their paths, and nobody is chosen", async () => {
    for (const property of ["name", "config.name"])
      told(host, property, (name) => (name === "other" ? "golden" : name));
    expect((await failure(findCloneSource(host, "golden"))).message).toMatch(
      /^esxi1 has 2 virtual machines named "golden": \[datastore1\] golden\/golden\.vmx, \[datastore1\] other\/other\.vmx\. Say which one/,
    );
  });

  test("is not another machine if there is none of that name", async () => {
    for (const source of ["gold", "52000000-0000-0000-0000-000000000000", "[datastore1] golden/other.vmx"])
      expect((await failure(findCloneSource(lab.connect(), source))).message).toMatch(
        /^esxi1 has no virtual machine ".*" to clone: .*Nothing was created\.$/,
      );
  });

  test("that the host cannot read is no source, whatever it shows of it", async () => {
    const read = () => readCloneSource(host, { type: "VirtualMachine", value: moidOf("golden") });
    told(host, "runtime.connectionState", () => "inaccessible");
    expect((await failure(read())).message).toMatch(/has "golden" in its inventory.* but cannot read it now/);
    vi.restoreAllMocks();
    told(host, "config", () => undefined);
    // A second look may show more.
    vi.spyOn(host.vms, "byReference").mockResolvedValue(undefined);
    expect((await failure(read())).message).toMatch(
      /does not show the configuration of "golden", so it cannot be cloned/,
    );
  });
});

describe("what is read of it", () => {
  const read = () => readCloneSource(host, { type: "VirtualMachine", value: moidOf("golden") });

  test("is what the host tells", async () => {
    await stranger.snapshot("golden", "one");
    await stranger.snapshot("golden", "two");
    const source = await read();
    const [disk = ""] = lab.raw.diskPaths("golden");
    expect(source).toMatchObject({
      name: "golden",
      instanceUuid: uuidOf("golden"),
      vmxPath: { datastore: "datastore1", path: "golden/golden.vmx" },
      powerState: "poweredOff",
      nvram: undefined,
      snapshots: ["one", "two"],
    });
    expect(source.files).toEqual(expect.arrayContaining(["[datastore1] golden/golden.vmx", disk]));
    expect(source.disks).toEqual(source.devices.filter(({ $type }) => $type === "VirtualDisk"));
    await stranger.removeSnapshots("golden");
    await lab.raw.simulator.behindBack.powerOn(moidOf("golden"));
    expect((await read()).powerState).toBe("poweredOn");
    await lab.raw.simulator.behindBack.powerOff(moidOf("golden"));
    // A machine that ran has an NVRAM.
    expect((await read()).nvram).toEqual({ datastore: "datastore1", path: "golden/golden.nvram" });
  });

  test("lacks what the host does not tell", async () => {
    for (const property of ["layoutEx", "snapshot", "runtime.powerState", "name"])
      told(host, property, () => undefined);
    expect(await read()).toMatchObject({
      name: "",
      files: [],
      nvram: undefined,
      snapshots: [],
      powerState: "poweredOff",
    });
  });
});

test("of a tree of snapshots every one is there, each before those that build on it", () => {
  const tree = (name: string, ...childSnapshotList: VirtualMachineSnapshotTree[]) =>
    ({
      name,
      ...(childSnapshotList.length > 0 && { childSnapshotList }),
    }) as unknown as VirtualMachineSnapshotTree;
  const trees = [tree("a", tree("b", tree("c")), tree("d")), tree("e")];
  expect(flat(trees).map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e"]);
  expect(flat(undefined)).toEqual([]);
});

describe("clones of one source", () => {
  const later = (ms: number) => vi.spyOn(ageClock, "now").mockReturnValue(ageClock.now() + ms);
  /** The machine as it is read once more, a second later. */
  async function again(source: string, before: () => Promise<unknown> = async () => {}) {
    const first = await findCloneSource(host, source);
    await before();
    later(1000);
    return { first, second: await findCloneSource(host, source) };
  }

  test("that begin within a second read it once", async () => {
    later(0);
    const first = await findCloneSource(host, "golden");
    const asked = lab.raw.count();
    later(999);
    expect(await findCloneSource(host, "golden")).toBe(first);
    expect(lab.raw.count()).toBe(asked);
  });

  test("read it anew after that, an instance UUID where its machine was then", async () => {
    for (const source of [uuidOf("golden").toUpperCase(), "golden"]) {
      const entries = vi.spyOn(host.vms, "entries");
      const { first, second } = await again(source, async () => entries.mockClear());
      expect(second).not.toBe(first);
      expect(second.ref).toEqual(first.ref);
      expect(entries).toHaveBeenCalledTimes(source === "golden" ? 1 : 0);
      vi.restoreAllMocks();
    }
  });

  test("find a machine by its UUID that another one's id has now, or that was registered anew", async () => {
    const [golden, other] = [uuidOf("golden"), uuidOf("other")];
    const swapped = await again(golden, async () => {
      const swap = (uuid: unknown) => (uuid === golden ? other : uuid === other ? golden : uuid);
      told(host, "config.instanceUuid", swap);
      told(host, "config", (config) => {
        const { instanceUuid, ...rest } = config as VirtualMachineConfigInfo;
        return { ...rest, instanceUuid: swap(instanceUuid) };
      });
      host.vms.forget();
    });
    expect([swapped.first.ref.value, swapped.second.ref.value]).toEqual([moidOf("golden"), moidOf("other")]);
    vi.restoreAllMocks();
    host = lab.connect();
    const { second } = await again(golden, async () => {
      const { moid, vmxPath } = lab.raw.vm("golden");
      await lab.raw.simulator.behindBack.unregister(moid);
      await lab.register(vmxPath);
      host.vms.forget();
    });
    expect(second.ref.value).toBe(moidOf("golden"));
  });

  test("are told of a host that refuses the second look", async () => {
    const looking = again(uuidOf("other"), async () => {
      lab.raw.simulator.faults.add({
        method: "RetrievePropertiesEx",
        count: 1,
        action: { fault: "SystemError", message: "not now", properties: { reason: "a test" } },
      });
    });
    expect((await failure(looking)).message).toContain("not now");
    vi.restoreAllMocks();
  });
});

import { describe, expect, test } from "vitest";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { observedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { VmSnapshotRead } from "../../../../../provider/host/vm/reading/vm-snapshot-read.ts";
import { configInfo } from "../../config-info.ts";

function vm(instanceUuid: string): ObservedVm {
  const properties = { config: configInfo({ instanceUuid }) };
  const seen = observedVm({ ref: { type: "VirtualMachine", value: "1" }, properties });
  if (!seen) throw new Error("it cannot be read");
  return seen;
}

/** What state knows of a machine that {@link vm} makes. */
const known = (instanceUuid: string) => ({ instanceUuid, moid: "1" });

interface Page {
  readonly came: Promise<ObservedVm[]>;
  resolve(vms: ObservedVm[]): void;
  reject(reason: Error): void;
}

function page(): Page {
  let settle: Pick<Page, "resolve" | "reject"> | undefined;
  const came = new Promise<ObservedVm[]>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error("a promise begins at once");
  return { came, ...settle };
}

/** Pages that come when the test says so. */
function pagesOnCall() {
  const [first, second] = [page(), page()];
  async function* pages() {
    yield await first.came;
    yield await second.came;
  }
  return { pages, first, second };
}

describe("a read of all machines, page by page", () => {
  test("answers who asks for one on the first page before the second has come", async () => {
    const { pages, first, second } = pagesOnCall();
    const read = new VmSnapshotRead("esxi1", pages);
    const [one, other] = [read.get(known("a")), read.get(known("b"))];
    first.resolve([vm("a")]);
    expect((await one)?.instanceUuid).toBe("a");
    expect((await read.get(known("a")))?.instanceUuid).toBe("a");
    second.resolve([vm("b")]);
    expect((await other)?.instanceUuid).toBe("b");
  });

  test("says only after the last page that a machine is not there", async () => {
    const { pages, first, second } = pagesOnCall();
    const read = new VmSnapshotRead("esxi1", pages);
    const told: string[] = [];
    const gone = read.get(known("gone")).then((found) => told.push(`gone: ${found}`));
    first.resolve([vm("a")]);
    await read.get(known("a")).then(() => told.push("a"));
    second.resolve([]);
    await gone;
    expect(told).toEqual(["a", "gone: undefined"]);
    expect(await read.get(known("gone as well"))).toBeUndefined();
  });

  test("tells its reader where those were last seen that somebody waits for", async () => {
    const whom: string[] = [];
    const read = new VmSnapshotRead("esxi1", async function* (asked) {
      await Promise.resolve();
      whom.push(...asked());
      yield [vm("b")];
    });
    await Promise.all([
      read.get({ instanceUuid: "b", moid: "12" }),
      read.get({ instanceUuid: "not there", moid: "13" }),
      read.get({ instanceUuid: "new" }),
    ]);
    expect(whom).toEqual(["12", "13"]);
  });

  test("keeps both of two machines with the same identity, as a copy by hand may have it", async () => {
    const read = new VmSnapshotRead("esxi1", async function* () {
      yield [vm("a"), vm("a")];
    });
    expect((await read.inventory()).vms).toHaveLength(2);
  });

  test("that breaks off takes no machine for gone, and keeps what it has found", async () => {
    const { pages, first, second } = pagesOnCall();
    const read = new VmSnapshotRead("esxi1", pages);
    const asked = read.get(known("b"));
    first.resolve([vm("a")]);
    second.reject(new Error("the line broke"));
    await expect(asked).rejects.toThrow("the line broke");
    await expect(read.get(known("b"))).rejects.toThrow("the line broke");
    expect((await read.get(known("a")))?.instanceUuid).toBe("a");
  });
});

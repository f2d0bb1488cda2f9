/** The machine that a failed create has made although it could not say so. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import {
  formatOwnerMark,
  OWNER_MARK_KEY,
  type OwnerMark,
} from "../../../../../provider/host/vm/reading/owner-mark.ts";
import { removeHalfMade } from "../../../../../provider/host/vm/unfinished/remove-half-made.ts";
import { apiControl } from "../../../../../provider/host/vm/vm-control.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { untilSomebodyWaits } from "../../../../support/slow-task.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { Stranger } from "../../../resources/stranger.ts";

const MARK: OwnerMark = { schema: 1, urn: "urn:1", digest: "d", phase: "creating", session: "s" };

/** "half/made", as a host spells it. */
const AT_HOST = "half%2fmade";

let lab: Lab;
let warnings: string[];
let remove: ReturnType<typeof vi.fn<(vm: ObservedVm, signal: AbortSignal) => Promise<void>>>;

beforeEach(async () => {
  lab = await Lab.open();
  await new Stranger(lab).vm(AT_HOST);
  await marked(MARK);
  warnings = [];
  remove = vi.fn(async () => {});
});

afterEach(() => lab.close());

const { signal } = new AbortController();
const moid = () => lab.raw.vm(AT_HOST).moid;

const marked = (mark: OwnerMark) =>
  lab.raw.simulator.behindBack.reconfigure(moid(), {
    extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value: formatOwnerMark(mark) })],
  });

/** Ids of the machines that are removed after a create of that one. */
async function removed(name = "half/made", of: AbortSignal = signal): Promise<string[]> {
  const way = { control: apiControl(lab.host), removeUnfinished: remove };
  const options = { signal: of, onWarning: (text: string) => void warnings.push(text) };
  await removeHalfMade(lab.host, { name, mark: MARK }, way, options);
  return remove.mock.calls.map(([vm]) => vm.moid);
}

describe("a machine that has the create's mark and name", () => {
  test("is removed, whatever its making has added to the mark", async () => {
    await marked({ ...MARK, copies: 2, flag: "flag" });
    expect(await removed()).toEqual([moid()]);
    expect(remove.mock.lastCall?.[1]).toBe(signal);
    expect(lab.raw.count("PowerOffVM_Task")).toBe(0);
    expect(warnings).toEqual([]);
  });

  test("is removed although the host still makes another one", async () => {
    const { vmFolder, rootPool: pool } = await lab.host.facts();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    lab.raw.simulator.faults.add({ method: "CreateVM_Task", action: "continue", onTask: () => held });
    const config = { name: "other", guestId: "otherGuest", files: { vmPathName: "[datastore1]" } };
    await lab.host.client.call(vmFolder, "CreateVM_Task", { config, pool });
    expect(await removed()).toEqual([moid()]);
    release();
  });

  test("is removed also when the run is to end, in the time that is left", async () => {
    expect(await removed(undefined, AbortSignal.abort())).toEqual([moid()]);
    expect(remove.mock.lastCall?.[1].aborted).toBe(false);
  });

  test("is told of if it cannot be removed", async () => {
    remove.mockRejectedValue(new Error("The host is busy."));
    await removed();
    expect(warnings).toEqual([
      "What was begun could not be removed, and the next run will do it: The host is busy.",
    ]);
    remove.mockRejectedValue("busy");
    await removed();
    expect(warnings[1]).toContain("do it: busy");
  });
});

test("a machine that the host still makes when the run is to end is waited for, and removed", async () => {
  const { vmFolder, rootPool: pool } = await lab.host.facts();
  lab.raw.simulator.faults.add({
    method: "CreateVM_Task",
    action: "loseReply",
    onTask: () => untilSomebodyWaits(lab.raw.simulator),
  });
  const extraConfig = [create("OptionValue", { key: OWNER_MARK_KEY, value: formatOwnerMark(MARK) })];
  const files = { vmPathName: "[datastore1]" };
  const config = { name: "late", guestId: "otherGuest", files, extraConfig };
  await failure(lab.host.client.call(vmFolder, "CreateVM_Task", { config, pool }));
  await removed("late", AbortSignal.abort());
  expect(remove.mock.calls.map(([vm]) => vm.name)).toEqual(["late"]);
  expect(warnings).toEqual([]);
});

test("a machine that has been started already is powered off first", async () => {
  await lab.raw.simulator.behindBack.powerOn(moid());
  const states: string[] = [];
  remove.mockImplementation(async () => void states.push(lab.raw.vm(AT_HOST).powerState));
  expect(await removed()).toEqual([moid()]);
  expect(states).toEqual(["poweredOff"]);
  expect(warnings).toEqual([]);
});

describe("a machine stays", () => {
  test.each<[keyof OwnerMark, string]>([
    ["urn", "urn:2"],
    ["digest", "other"],
    ["phase", "created"],
    ["session", "other"],
  ])("if its mark has another %s", async (key, value) => {
    await marked({ ...MARK, [key]: value });
    expect(await removed()).toEqual([]);
  });

  test("if it has no mark, or another name", async () => {
    expect(await removed("other")).toEqual([]);
    await lab.raw.simulator.behindBack.reconfigure(moid(), {
      extraConfig: [create("OptionValue", { key: OWNER_MARK_KEY, value: "" })],
    });
    expect(await removed()).toEqual([]);
  });

  test("if it is gone when it is looked at", async () => {
    const entries = await lab.host.vms.entries();
    await lab.raw.simulator.behindBack.unregister(moid());
    vi.spyOn(lab.host.vms, "entries").mockResolvedValue(entries);
    expect(await removed()).toEqual([]);
    expect(warnings).toEqual([]);
  });
});

/** How long a host is asked until it shows the content of a .vmx file. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EsxiHost } from "../../../../../provider/host/esxi-host.ts";
import { HostError } from "../../../../../provider/host/host-error.ts";
import { untilShown } from "../../../../../provider/host/shell/vm/until-shown.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";

const vm = { name: "vm", ref: { type: "VirtualMachine", value: "7" }, memory: 64 } as ObservedVm;
const changed = { ...vm, memory: 128 };

let patience: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  patience = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    setTimeout(() => patience.abort(), ms);
    return patience.signal;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Asks a host that shows the machine so at each look, and the last at all further ones. */
async function asked(shown: readonly (ObservedVm | undefined)[], signal = new AbortController().signal) {
  const [began, looks] = [performance.now(), [] as number[]];
  const byReference = async () => {
    looks.push(performance.now() - began);
    return shown[Math.min(looks.length, shown.length) - 1];
  };
  const ended = untilShown(
    { vms: { byReference } } as unknown as EsxiHost,
    vm,
    {
      isShown: ({ memory }) => memory === 128,
      notShown: (now) => new HostError(`It has ${now?.memory ?? "gone"}.`),
    },
    signal,
  ).catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return { outcome: await ended, looks };
}

test("what is shown at once is taken, without a pause", async () => {
  expect(await asked([changed])).toEqual({ outcome: changed, looks: [0] });
});

test("what is shown late is taken, also of a machine that was not there for a moment", async () => {
  expect(await asked([vm, undefined, changed])).toEqual({ outcome: changed, looks: [0, 100, 300] });
});

test("the host is asked soon at first, then every two seconds, and for half a minute", async () => {
  const { outcome, looks } = await asked([vm]);
  expect(looks.slice(0, 8)).toEqual([0, 100, 300, 700, 1500, 3100, 5100, 7100]);
  expect(looks.at(-1)).toBe(31_100);
  expect(outcome).toEqual(new HostError("It has 64."));
});

test("what the last look shows after all is taken", async () => {
  expect((await asked([...Array(19).fill(vm), changed])).outcome).toBe(changed);
});

test("a machine that is gone is told with the error for it", async () => {
  expect((await asked([undefined])).outcome).toEqual(new HostError("It has gone."));
});

test("a run that is to end waits no longer", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("stopped")), 200);
  expect(await asked([vm], stop.signal)).toEqual({ outcome: new Error("stopped"), looks: [0, 100] });
});

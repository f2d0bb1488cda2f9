import { afterEach, beforeEach, expect, test } from "vitest";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { Lab } from "./lab.ts";
import { Managed } from "./managed.ts";

let lab: Lab;
beforeEach(async () => {
  // No guest gets as far as its Tools by itself.
  lab = await Lab.open({ guestAddressDelayMs: 3_600_000 });
});
afterEach(() => lab.close());

const WISH = { memory: 64, networkInterfaces: [{ network: "VM Network" }] };

const machine = (name: string) => new Managed(lab, "ScratchVm", scratchVm, name);
const power = () =>
  lab.raw.simulator
    .vms()
    .map(({ name, powerState }) => `${name}: ${powerState}`)
    .sort();

test.each(["made from nothing", "with a start that comes later"])(
  "a machine %s waits until fewer than maxBoots boot; stopped meanwhile it stays off, and the next run starts it",
  async (kind) => {
    const wish = kind === "made from nothing" ? WISH : { ...WISH, bootOrder: ["ethernet"] };
    const host = lab.connect({ maxBoots: 2, bootSeconds: 3600 });
    for (const name of ["a", "b"])
      await machine(name).create({ ...wish, name }, lab.context(undefined, host));
    const stop = new AbortController();
    const inputs = await machine("c").inputs({ ...wish, name: "c" });
    const making = machine("c").unfinished(scratchVm.create(inputs, lab.context(stop.signal, host)), inputs);
    await lab.raw.until(
      () => lab.texts("status").includes("waits to boot: 2 of 2 guests of esxi1 boot"),
      "it waits",
    );
    stop.abort(new Error("stopped"));
    const state = await making;
    expect(power()).toEqual(["a: poweredOn", "b: poweredOn", "c: poweredOff"]);
    await machine("c").update(state, { ...wish, name: "c" });
    expect(power()).toEqual(["a: poweredOn", "b: poweredOn", "c: poweredOn"]);
  },
);

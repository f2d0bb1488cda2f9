/** A clone may say how it is changed: its place among those that start with the host follows. */
import { afterEach, expect, test } from "vitest";
import { observeAutoStart } from "../../../provider/host/vm/auto-start.ts";
import { CloneLab } from "./clone-lab.ts";

let clones: CloneLab | undefined;

afterEach(() => clones?.lab.close());

test("a clone over SSH comes into the list of a licensed host by its shell, and one by the API by that", async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
  const { lab } = clones;
  await clones.golden();
  const wish = { enabled: true, startDelaySeconds: 7 };
  const { requests } = lab.raw.simulator;
  const count = () => {
    const commands = requests.entries().filter(({ target }) => target.includes("update_autostartentry"));
    return { calls: requests.count("ReconfigureAutostart"), commands: commands.length };
  };
  const bySsh = await clones.create("one", { transport: "ssh", powerOn: false, autoStart: wish });
  const { commands } = count();
  expect(commands).toBeGreaterThan(0);
  expect(count().calls).toBe(0);
  const byApi = await clones.create("two", { transport: "api", powerOn: false, autoStart: wish });
  expect(count()).toEqual({ calls: 1, commands });
  // Both at once, each its own way.
  const off = { powerOn: false, autoStart: { enabled: false } };
  await Promise.all([
    clones.update(bySsh, { ...off, transport: "ssh" }),
    clones.update(byApi, { ...off, transport: "api" }),
  ]);
  expect(count().calls).toBe(2);
  expect(count().commands).toBeGreaterThan(commands);
  for (const { outs } of [bySsh, byApi]) {
    const ref = { type: "VirtualMachine", value: String(outs.moid) } as const;
    expect(await observeAutoStart(lab.host, ref, wish)).toMatchObject({ enabled: false });
  }
});

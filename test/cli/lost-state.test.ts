import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

const STACK = {
  base: { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, powerOn: false } },
  clone: { kind: "DatastoreClone", args: { source: "$base", mode: "linked" } },
  scratch: { kind: "ScratchVm", args: { powerOn: "once" } },
};
const NAMES = Object.keys(STACK);
const ALL = ["base: poweredOff", "clone: poweredOn", "scratch: poweredOn"];

/** Each test goes on where the one before it ended. */
describe("machines whose state is lost", { timeout: 180_000 }, () => {
  const lab = sharedLab();

  test("are left alone, and the error says how to take them back", async (context) => {
    const own = await lab(context);
    await declareResources(own, STACK);
    const state = own.project.stateFile();
    const empty = await readFile(state);
    succeeded(await own.project.up());
    await writeFile(state, empty);
    expect(failed(await own.project.up()).output).toContain("pulumi config set esxi:takeBack true");
  });

  test("are taken back with esxi:takeBack, each told in its row, and nothing is made", async (context) => {
    const own = await lab(context);
    const identities = own.host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    await own.project.setConfig({ "esxi:takeBack": "true" });
    own.host.simulator.requests.clear();
    const { steps, diagnostics } = succeeded(await own.project.up());
    expect(steps).toEqual({ create: NAMES });
    expect(
      diagnostics.filter(({ message }) => message.startsWith("taking back")).map(({ name }) => name),
    ).toEqual(expect.arrayContaining(NAMES));
    expect(["nfc", "CreateVM_Task", "PowerOnVM_Task"].map((method) => own.host.count(method))).toEqual([
      0, 0, 0,
    ]);
    expect(own.host.simulator.vms().map(({ instanceUuid }) => instanceUuid)).toEqual(identities);
    succeeded(await own.project.start("preview", { args: ["--expect-no-changes"] }).result);
    await own.host.expectVms(...ALL);
  });

  test("destroy leaves nothing", async (context) => {
    const own = await lab(context);
    expect(succeeded(await own.project.destroy()).steps).toEqual({ delete: NAMES });
    await own.host.expectEmpty();
  });
});

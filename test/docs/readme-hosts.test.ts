/** The README's examples on hosts of other kinds than they name: made as they stand, or refused with what to write. */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import type { SimulatorOptions } from "../../simulator/index.ts";
import { root } from "../../tools/setup/cache.mjs";
import { failed, type Lab, openLab, succeeded } from "../support/lab.ts";
import { pageExamples } from "./fences.ts";
import { programOf } from "./programs.ts";

const GIB = 1024 ** 3;
const examples = pageExamples().filter(({ where, info }) => where.startsWith("README.md:") && info === "");
const called = (...names: readonly string[]) => names.map((name) => ({ name, capacityBytes: 100 * GIB }));

async function onHost(context: TestContext, simulator: Partial<SimulatorOptions>): Promise<Lab> {
  const lab = await openLab(context, { simulator: { guestAddressDelayMs: 4, ...simulator } });
  await cp(join(root, "images"), join(lab.project.folder, "images"), { recursive: true });
  for (const [index, example] of examples.entries())
    await lab.project.write(`example-${index}.ts`, programOf(example));
  await lab.project.write(
    "index.js",
    examples.map((_, index) => `import "./example-${index}.ts";\n`).join(""),
  );
  return lab;
}

describe("the README's examples", { timeout: 240_000 }, () => {
  test("are made on a host with several datastores", async (context) => {
    expect(examples.length).toBeGreaterThan(2);
    const { host, project } = await onHost(context, { datastores: called("datastore1", "ssd") });
    succeeded(await project.up());
    expect(host.simulator.vms().length).toBeGreaterThan(40);
  });

  for (const { what, simulator, says } of [
    {
      what: "without a VM Network",
      simulator: { networks: ["lab-net"] },
      says: /has no port group "VM Network": \S+ has "lab-net"\. Set `ovfNetworkMap` for the OVF's network "VM Network"/,
    },
    {
      what: "whose datastores have other names",
      simulator: { datastores: called("nas", "ssd") },
      says: /has no datastore "datastore1": \S+ has "nas", "ssd"\. Set `datastore` to one of them/,
    },
  ])
    test(`are refused at preview on a host ${what}, with what to write`, async (context) => {
      const { host, project } = await onHost(context, simulator);
      const { output } = failed(await project.preview());
      expect(output).toMatch(says);
      await host.expectEmpty();
    });

  test("are refused on a host with a free licence whose SSH is off, with what to do", async (context) => {
    const { host, project } = await onHost(context, { license: "free" });
    const { output } = failed(await project.up());
    expect(output).toMatch(
      /the SSH service is off, .* Start it in the host's client under Manage > Services/,
    );
    expect(host.simulator.vms()).toEqual([]);
  });
});

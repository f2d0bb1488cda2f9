import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import type { PulumiResult } from "../support/pulumi-run.ts";
import { type Declared, declareResources } from "./declared-program.ts";

const vm = (args: Declared["args"] = {}, options: Declared["options"] = {}): Declared => ({
  kind: "ScratchVm",
  args: { powerOn: false, ...args },
  options,
});

/** What the run said of that severity, by resource. */
const told = ({ diagnostics }: PulumiResult, severity: "error" | "warning") =>
  diagnostics
    .filter((one) => one.severity === severity && one.name !== "")
    .map(({ name, message }) => `${name}: ${message}`);

describe("a preview of new resources", { timeout: 120_000 }, () => {
  const lab = sharedLab();

  /** Previews a program; a preview's last request is its logout, for which Pulumi does not wait. */
  async function previewed(own: Lab, resources: Readonly<Record<string, Declared>>, env = {}) {
    await declareResources(own, resources);
    own.host.simulator.requests.clear();
    const result = await own.project.preview(env);
    await own.host.until(() => own.host.simulator.sessions().length === 0, "Pulumi has logged out");
    return { result, calls: own.host.count() };
  }

  test("says that the host lacks what they name, with what it has", async (context) => {
    const own = await lab(context);
    const { result } = await previewed(own, { bad: vm({ networkInterfaces: [{ network: "lab-nett" }] }) });
    expect(told(failed(result), "error")).toEqual([
      expect.stringMatching(
        /networkInterfaces\.0\.network: \S+ has no port group "lab-nett": did you mean "lab-net"\? \S+ has "VM Network", "lab-net"\./,
      ),
    ]);
    expect(result.steps).toEqual({});
  });

  test("says that a password is wrong, after one login", async (context) => {
    const own = await lab(context);
    const { result } = await previewed(own, { one: vm(), two: vm() }, { ESXI_PASSWORD: "not-It/99" });
    expect(failed(result).output).toMatch(/host refused the user name or password/);
    expect(result.output).not.toContain("not-It/99");
    expect(own.host.count("Login")).toBe(1);
  });

  test("knows what the same program makes, and warns where nothing waits for it", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.iso", "seed");
    const makers: Record<string, Declared> = {
      switch: { kind: "VirtualSwitch", args: { name: "new-switch" } },
      net: { kind: "PortGroup", args: { name: "new-net", virtualSwitch: "$switch.name" } },
      pool: { kind: "ResourcePool", args: { name: "new-pool" } },
      iso: { kind: "DatastoreFile", args: { path: "iso/seed.iso", source: "seed.iso" } },
      golden: vm({ name: "new-golden" }),
    };
    const texts = {
      resourcePool: "new-pool",
      networkInterfaces: [{ network: "new-net" }],
      cdroms: [{ iso: "[datastore1] iso/seed.iso" }],
    };
    const { result } = await previewed(own, {
      hasty: vm(texts),
      ...makers,
      // Every host has it. Without `adopt` that is an error: `test/provider/resources/preview/taken.test.ts`.
      adopted: {
        kind: "PortGroup",
        args: { name: "VM Network", virtualSwitch: "vSwitch0", adopt: true },
      },
      outputs: vm({
        resourcePool: "$pool.name",
        networkInterfaces: [{ network: "$net.name" }],
        cdroms: [{ iso: "$iso.datastorePath" }],
      }),
      texts: vm(texts, { dependsOn: ["$net", "$pool", "$iso"] }),
      clone: { kind: "DatastoreClone", args: { source: "new-golden" }, options: { dependsOn: ["$golden"] } },
    });
    expect(told(succeeded(result), "error")).toEqual([]);
    // Which check comes first is the engine's to say: then there is nothing to warn of.
    for (const warning of told(result, "warning"))
      expect(warning).toMatch(/^hasty: .* yet\. This program makes it, but .*dependsOn/);
    const names = ["adopted", "clone", "golden", "hasty", "iso", "net", "outputs", "pool", "switch", "texts"];
    expect(result.steps).toEqual({ create: names });
    await own.host.expectEmpty();
  });

  test("asks the host four times whatever their number", async (context) => {
    const own = await lab(context);
    const one = vm({ networkInterfaces: [{ network: "lab-net" }] });
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`vm-${index}`, one]));
    const { result, calls } = await previewed(own, many);
    succeeded(result);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(4);
    expect(own.host.simulator.vms()).toEqual([]);
  });
});

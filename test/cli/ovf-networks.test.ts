/** Where a deployed machine is plugged in changes in place, by the real CLI. */
import { describe, expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

describe("another ovfNetworkMap", { timeout: 120_000 }, () => {
  test("moves the adapters of a running machine in place, and says so", async (context) => {
    const { host, project } = await openLab(context, {
      simulator: { networks: ["VM Network", "lab-a", "lab-b"] },
    });
    const declare = (network: string) =>
      project.declare({ vm: { ovaPath: tinyOva.path, ovfNetworkMap: { "VM Network": network } } });
    const adapters = () =>
      (host.vm("vm").config.hardware.device ?? []).flatMap(({ backing, ...device }) => {
        const { deviceName } = { deviceName: undefined, ...backing };
        return "macAddress" in device ? [{ mac: device.macAddress, network: deviceName }] : [];
      });
    await declare("lab-a");
    succeeded(await project.up());
    const [before] = adapters();
    expect(before).toMatchObject({ network: "lab-a" });

    await declare("lab-b");
    host.simulator.requests.clear();
    const { steps, diagnostics } = succeeded(await project.up());
    expect(steps).toEqual({ update: ["vm"] });
    expect(diagnostics.map(({ message }) => message).join("\n")).toContain("update in place: ovfNetworkMap");
    expect(adapters()).toEqual([{ ...before, network: "lab-b" }]);
    expect(host.vm("vm").powerState).toBe("poweredOn");
    const methods = new Set(host.simulator.requests.entries().map(({ method }) => method));
    expect([...methods].filter((method) => /Power|Shutdown|ImportVApp|nfc/.test(method))).toEqual([]);
    await host.expectVms("vm: poweredOn");
  });
});

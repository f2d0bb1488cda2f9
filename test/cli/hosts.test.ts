import { describe, expect, test } from "vitest";
import type { HostAccess } from "../support/host-access.ts";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import { freePort } from "../support/ports.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";

/** What a user sets when the host is not where the state says it is. */
const pointedAt = (host: HostAccess) => ({
  ESXI_HOST: host.url,
  ESXI_PASSWORD: host.password,
  ESXI_THUMBPRINT: host.thumbprint,
});

/** Each test goes on where the one before it ended. */
describe("a stack whose host moved, does not answer, or is another one", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const vm = { ovaPath: tinyOva.path };

  test("a host that does not answer is no reason to forget its VM", async (context) => {
    const { host, project } = await lab(context);
    await project.declare({ web: vm, old: vm });
    succeeded(await project.up());
    const nobody = `https://127.0.0.1:${await freePort()}`;
    const { output, seconds } = failed(await project.refresh({ ESXI_HOST: nobody }));
    expect(output).toContain(nobody.slice("https://".length));
    expect(seconds).toBeLessThan(45);
    expect((await project.vmsInState()).get("web")?.outputs).toMatchObject({ powerState: "poweredOn" });
    await host.expectVms("old: poweredOn", "web: poweredOn");
  });

  test("an update and a deletion against another host are refused and harm neither", async (context) => {
    const { host, project } = await lab(context);
    const other = await SimulatedHost.start();
    context.onTestFinished(() => other.stop());
    const names = ["old", "web"];
    const ours = names.map((name) => host.vm(name));
    host.simulator.requests.clear();
    await project.declare({ web: { ...vm, memory: 256 } });
    const { steps, diagnostics } = failed(
      await project.start("up", { args: ["--continue-on-error"], env: pointedAt(other) }).result,
    );
    expect(steps).toEqual({ "update failed": ["web"], "delete failed": ["old"] });
    for (const name of names) {
      const told = diagnostics.filter((one) => one.name === name).map(({ message }) => message);
      expect(told.join("\n"), name).toContain(host.simulator.hostUuid);
      expect(told.join("\n"), name).toContain(other.simulator.hostUuid);
      expect(told.join("\n"), name).toContain("Nothing was changed");
    }
    expect(host.count()).toBe(0);
    expect(names.map((name) => host.vm(name))).toEqual(ours);
    expect((await project.vmsInState()).get("web")?.outputs).toMatchObject({ memory: 128 });
    await host.expectVms("old: poweredOn", "web: poweredOn");
    await other.expectEmpty();
    const writes = other.simulator.requests.entries().filter(({ method }) => !isRead(method));
    expect(writes).toEqual([]);
  });

  test("destroy works with a port and password that changed since up", async (context) => {
    const { host, project } = await lab(context);
    await host.moveTo(await freePort(), "a-New.one/42");
    const { steps } = succeeded(await project.destroy({ ESXI_HOST: host.url, ESXI_PASSWORD: host.password }));
    expect(steps).toEqual({ delete: ["old", "web"] });
    await host.expectEmpty();
  });
});

/** Login and logout leave no trace either. */
const isRead = (method: string) =>
  /^(Retrieve|Continue|CreateContainerView|DestroyView|Login$|Logout$)/.test(method);

import { expect, onTestFinished, test, vi } from "vitest";
import { listVms } from "../../../tools/demo/list-vms.ts";
import { asked } from "../../cli/raw-host.ts";
import { createVm } from "../../simulator/host/lab.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";

test("the host's own list of machines costs one question about the configuration", async () => {
  const host = await SimulatedHost.start();
  onTestFinished(() => host.stop());
  await asked({ host }, (client) => createVm(client, "web", { memoryMB: 64 }));
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  const configuration = vi.fn(
    () =>
      new Map([
        ["esxi:host", host.url],
        ["esxi:username", host.username],
        ["esxi:password", host.password],
        ["esxi:thumbprint", host.thumbprint],
      ]),
  );
  await listVms({ configuration });
  expect(configuration).toHaveBeenCalledTimes(1);
  const printed = log.mock.calls.flat().join("\n");
  expect(printed).toMatch(/web +poweredOff .*64 MB +\[datastore1\] web\/web\.vmx/);
});

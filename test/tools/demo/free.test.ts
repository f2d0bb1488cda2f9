import { expect, onTestFinished, test } from "vitest";
import { leftOn } from "../../../tools/demo/free.ts";
import { asked } from "../../cli/raw-host.ts";
import { createVm } from "../../simulator/host/lab.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";

test("the tour of a free host tells what is left there: every machine, and all that lies on a datastore, empty folders too", async () => {
  const host = await SimulatedHost.start();
  onTestFinished(() => host.stop());
  const configuration = new Map([
    ["esxi:host", host.url],
    ["esxi:username", host.username],
    ["esxi:password", host.password],
    ["esxi:thumbprint", host.thumbprint],
  ]);
  expect(await leftOn(configuration)).toEqual([]);
  await asked({ host }, async (client) => {
    await client.ok("MakeDirectory", "FileManager:ha-nfc-file-manager", "<name>[datastore1] iso</name>");
    await createVm(client, "web", { memoryMB: 64 });
  });
  expect(await leftOn(configuration)).toEqual([
    "virtual machine web",
    "[datastore1] iso",
    "[datastore1] web",
  ]);
});

/** The exercise of the virtualisation course, as one stack: N machines from an OVA, N clones, one from nothing. */
import { expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";

test("OVAs, clones and a machine from nothing are one stack with counts in its configuration", {
  timeout: 300_000,
}, async (context) => {
  const { host, project } = await openLab(context, { committedStack: true });
  await project.setConfig({
    "ova:numInstances": "2",
    "clones:numClones": "2",
    "scratch:numVms": "1",
    "scratch:isoFile": "images/tinyCD.iso",
  });
  const up = succeeded(await project.up());
  expect(up.output).toMatch(/dosGuest has no driver for pvscsi/);
  const running = ["clone-1", "clone-2", "core", "tiny-1", "tiny-2"].map((name) => `${name}: poweredOn`);
  expect((await host.contents()).vms).toEqual([...running, "golden: poweredOff"].sort());

  const { config } = host.vm("core");
  expect(config).toMatchObject({ guestId: "dosGuest", hardware: { numCPU: 1, memoryMB: 128 } });
  const device = (type: string) => config.hardware.device?.find(({ $type }) => $type === type);
  expect(device("ParaVirtualSCSIController")).toBeDefined();
  expect(device("VirtualDisk")).toMatchObject({
    capacityInKB: 1024 ** 2,
    controllerKey: device("ParaVirtualSCSIController")?.key,
    backing: { thinProvisioned: true },
  });
  expect(device("VirtualCdrom")).toMatchObject({ backing: { fileName: "[datastore1] iso/tinyCD.iso" } });
  expect((await host.contents()).files).toContain("[datastore1] iso/tinyCD.iso");

  await project.setConfig({ "clones:numClones": "3", "ova:numInstances": "1", "scratch:memory": "256" });
  const changed = succeeded(await project.up());
  const ofCore = changed.diagnostics.filter(({ name }) => name === "core").map(({ message }) => message);
  // Of all its settings, this one only.
  expect(ofCore).toContainEqual(
    expect.stringMatching(/^update with one power cycle[^:]*: memory 128 → 256$/),
  );
  expect(changed.steps).toEqual({
    create: ["clone-3"],
    delete: ["tiny-2"],
    update: ["core"],
    same: ["clone-1", "clone-2", "golden", "iso", "tiny-1"],
  });
  expect(host.vm("core").config.hardware.memoryMB).toBe(256);

  succeeded(await project.destroy());
  const { vms, files } = await host.contents();
  expect(vms).toEqual([]);
  // Folders above an uploaded file stay: others may use them.
  expect(files).toEqual(["[datastore1] iso/"]);
});

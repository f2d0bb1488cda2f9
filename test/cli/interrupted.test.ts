import { expect, type TestContext, test } from "vitest";
import { type GatedOva, serveGatedOva } from "../support/gated-ova.ts";
import { failed, type Lab, openLab, succeeded } from "../support/lab.ts";
import type { PulumiRun } from "../support/pulumi-run.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const LIMIT = { timeout: 180_000 };
const BOTH = ["web-1: poweredOn", "web-2: poweredOn"];

/** An up of two VMs whose uploads stand still in the middle. */
async function uploading(context: TestContext): Promise<Lab & { ova: GatedOva; run: PulumiRun }> {
  const lab = await openLab(context);
  const ova = await serveGatedOva();
  context.onTestFinished(() => ova.close());
  await lab.project.declare({ "web-1": { ovaPath: ova.url }, "web-2": { ovaPath: ova.url } });
  const run = lab.project.start("up");
  await lab.host.until(() => lab.host.count("nfc") === 2 && ova.waiting() === 2, "two uploads in the middle");
  expect(lab.host.simulator.leases().map(({ state }) => state)).toEqual(["ready", "ready"]);
  return { ...lab, ova, run };
}

test("after one ^C in mid-upload the uploads are completed and kept in the state", LIMIT, async (context) => {
  const { host, project, ova, run } = await uploading(context);
  run.interrupt();
  await host.until(() => run.output.includes("^C received"), "Pulumi has heard the ^C");
  ova.open();
  const { output } = failed(await run.result);
  expect(output).toContain("cancel");
  expect([...(await project.vmsInState()).keys()].sort()).toEqual(["web-1", "web-2"]);
  for (const name of ["web-1", "web-2"]) expect(await host.rawDisk(name)).toBe(ova.rawSha256);
  await host.expectVms(...BOTH);

  const { steps } = succeeded(await project.up());
  expect(steps).toEqual({ same: ["web-1", "web-2"] });
  expect(host.count("nfc")).toBe(2);
});

test("after two ^C in mid-upload the leases are aborted and nothing is left", LIMIT, async (context) => {
  const { host, project, ova, run } = await uploading(context);
  run.interrupt();
  await host.until(() => run.output.includes("^C received"), "Pulumi has heard the first ^C");
  run.interrupt();
  failed(await run.result);
  await host.expectEmpty();
  expect(host.count("HttpNfcLeaseAbort")).toBe(2);
  expect([...(await project.vmsInState()).keys()]).toEqual([]);

  ova.open();
  const { steps } = succeeded(await project.up());
  expect(steps).toEqual({ create: ["web-1", "web-2"] });
  await host.expectVms(...BOTH);
});

test("after a kill -9 of the provider the next up has one VM each", LIMIT, async (context) => {
  const { host, project } = await openLab(context, {
    simulator: { leaseTimeoutSeconds: 25, guestAddressDelayMs: 20_000 },
  });
  const ova = await serveGatedOva();
  context.onTestFinished(() => ova.close());
  const vms = {
    uploading: { ovaPath: ova.url },
    starting: { ovaPath: tinyOva.path },
    waiting: { ovaPath: tinyOva.path, waitFor: { ip: true } },
  };
  host.simulator.faults.add({ method: "PowerOnVM_Task", entity: "starting", count: 1, action: "hang" });
  await project.declare(vms);
  const run = project.start("up");
  const isWaiting = () =>
    host.simulator.vms().some(({ name, powerState }) => name === "waiting" && powerState === "poweredOn");
  const isStarting = () => host.simulator.requests.entries().some(({ faultRule }) => faultRule);
  await host.until(() => ova.waiting() === 1 && isStarting() && isWaiting(), "each VM is where it is to be");
  const running = host.vm("waiting").instanceUuid;
  const [dead] = host.simulator.sessions();
  process.kill(run.providerPid() ?? 0, "SIGKILL");
  failed(await run.result);
  expect(host.simulator.leases().map(({ vmName }) => vmName)).toEqual(["uploading"]);
  expect([...(await project.vmsInState()).keys()]).toEqual([]);

  ova.open();
  const { steps } = succeeded(await project.up());
  expect(steps).toEqual({ create: Object.keys(vms).sort() });
  expect(await host.rawDisk("uploading")).toBe(ova.rawSha256);
  expect(await host.rawDisk("starting")).toBe(tinyOva.rawSha256);
  expect(host.vm("waiting").instanceUuid).toBe(running);
  expect(host.simulator.sessions().map(({ key }) => key)).toEqual([dead?.key]);
  host.simulator.expireSessions();
  await host.expectVms("starting: poweredOn", "uploading: poweredOn", "waiting: poweredOn");

  succeeded(await project.destroy());
  await host.expectEmpty();
});

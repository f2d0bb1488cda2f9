import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { type GatedOva, serveGatedOva } from "../support/gated-ova.ts";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import type { VmDeclaration } from "../support/pulumi-project.ts";
import type { PulumiRun } from "../support/pulumi-run.ts";
import { tinyOva } from "../support/tiny-ova.ts";

const BOTH = ["web-1: poweredOn", "web-2: poweredOn"];

/** Each test goes on where the one before it ended: the run that makes good what happened before is interrupted too. */
describe("an up in the middle of its uploads", { timeout: 180_000 }, () => {
  const lab = sharedLab({ simulator: { leaseTimeoutSeconds: 25, guestAddressDelayMs: 20_000 } });
  const opened: GatedOva[] = [];
  afterAll(() => Promise.all(opened.map((ova) => ova.close())));
  const gatedOva = async () => {
    const ova = await serveGatedOva();
    opened.push(ova);
    return ova;
  };
  let webs: Record<string, VmDeclaration> = {};

  /** An up of two VMs whose uploads stand still in the middle. */
  async function uploading(context: TestContext): Promise<Lab & { ova: GatedOva; run: PulumiRun }> {
    const { host, project } = await lab(context);
    const ova = await gatedOva();
    host.simulator.requests.clear();
    webs = { "web-1": { ovaPath: ova.url }, "web-2": { ovaPath: ova.url } };
    await project.declare(webs);
    const run = project.start("up");
    await host.until(() => host.count("nfc") === 2 && ova.waiting() === 2, "two uploads in the middle");
    expect(host.simulator.leases().map(({ state }) => state)).toEqual(["ready", "ready"]);
    return { host, project, ova, run };
  }

  test("aborts the leases after two ^C, and nothing is left", async (context) => {
    const { host, project, run } = await uploading(context);
    run.interrupt();
    await host.until(() => run.output.includes("^C received"), "Pulumi has heard the first ^C");
    run.interrupt();
    failed(await run.result);
    await host.expectEmpty();
    expect(host.count("HttpNfcLeaseAbort")).toBe(2);
    expect([...(await project.vmsInState()).keys()]).toEqual([]);
  });

  test("makes all anew next time, and after one ^C the uploads are completed and kept in the state", async (context) => {
    const { host, project, ova, run } = await uploading(context);
    run.interrupt();
    await host.until(() => run.output.includes("^C received"), "Pulumi has heard the ^C");
    ova.open();
    const { output, steps } = failed(await run.result);
    expect(output).toContain("cancel");
    expect(steps.create).toEqual(["web-1", "web-2"]);
    expect([...(await project.vmsInState()).keys()].sort()).toEqual(["web-1", "web-2"]);
    for (const name of ["web-1", "web-2"]) expect(await host.rawDisk(name)).toBe(ova.rawSha256);
    await host.expectVms(...BOTH);
  });

  test("keeps those next time, and after a kill -9 of the provider the up after it has one VM each", async (context) => {
    const { host, project } = await lab(context);
    const ova = await gatedOva();
    const vms = {
      uploading: { ovaPath: ova.url },
      starting: { ovaPath: tinyOva.path },
      waiting: { ovaPath: tinyOva.path, waitFor: { ip: true } },
    };
    host.simulator.faults.add({ method: "PowerOnVM_Task", entity: "starting", count: 1, action: "hang" });
    host.simulator.requests.clear();
    await project.declare({ ...webs, ...vms });
    const run = project.start("up");
    const isWaiting = () =>
      host.simulator.vms().some(({ name, powerState }) => name === "waiting" && powerState === "poweredOn");
    const isStarting = () => host.simulator.requests.entries().some(({ faultRule }) => faultRule);
    await host.until(
      () => ova.waiting() === 1 && isStarting() && isWaiting(),
      "each VM is where it is to be",
    );
    const running = host.vm("waiting").instanceUuid;
    const [dead] = host.simulator.sessions();
    process.kill(run.providerPid() ?? 0, "SIGKILL");
    failed(await run.result);
    expect(host.simulator.leases().map(({ vmName }) => vmName)).toEqual(["uploading"]);
    expect([...(await project.vmsInState()).keys()].sort()).toEqual(["web-1", "web-2"]);

    ova.open();
    const uploads = host.count("nfc");
    const { steps } = succeeded(await project.up());
    expect(steps).toEqual({ create: Object.keys(vms).sort(), same: ["web-1", "web-2"] });
    // "waiting" was whole; what is kept is not uploaded again either.
    expect(host.count("nfc")).toBe(uploads + 2);
    expect(await host.rawDisk("uploading")).toBe(ova.rawSha256);
    expect(await host.rawDisk("starting")).toBe(tinyOva.rawSha256);
    expect(host.vm("waiting").instanceUuid).toBe(running);
    expect(host.simulator.sessions().map(({ key }) => key)).toEqual([dead?.key]);
    host.simulator.expireSessions();
    await host.expectVms(...BOTH, "starting: poweredOn", "uploading: poweredOn", "waiting: poweredOn");
  });
});

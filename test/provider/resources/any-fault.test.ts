/** One fault, at any request of a create or delete, ends well by itself or with the next run. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ovaDeployment } from "../../../provider/resources/ova-deployment.lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/unfinished-error.ts";
import type { FaultAction } from "../../../simulator/index.ts";
import { Lab, PROVIDER } from "./lab.ts";

const CREATING = [
  "RetrieveServiceContent",
  "Login",
  "RetrievePropertiesEx",
  "WaitForUpdatesEx",
  "CreateFilter",
  "CreateImportSpec",
  "ImportVApp",
  "nfc",
  "HttpNfcLeaseComplete",
  "PowerOnVM_Task",
  "ReconfigVM_Task",
];

const ACTIONS: readonly (readonly [what: string, action: FaultAction])[] = [
  ["a fault", { fault: "SystemError", message: "a fault of the test", properties: { reason: "a test" } }],
  ["a closed connection", "disconnect"],
  ["a lost reply", "loseReply"],
  ["a busy host (503)", { status: 503 }],
  ["an ended session", "expireSession"],
];

let lab: Lab;

beforeEach(async () => {
  // Tasks that are over at once need nobody to wait for them.
  lab = await Lab.open({ leaseTimeoutSeconds: 2, taskDurationMs: 100 });
});

afterEach(() => lab.close());

describe.each(ACTIONS)("after %s", (_what, action) => {
  test.each(CREATING)("in %s there is one VM, or none and the next run makes it", async (method) => {
    lab.raw.simulator.faults.add({ method, count: 1, action });
    const settings = { memory: 64, waitFor: { ip: true } };
    const unfinished = await lab.create(settings).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(lab.raw.simulator.requests.entries().filter(({ faultRule }) => faultRule)).toHaveLength(1);
    if (unfinished instanceof UnfinishedError) {
      const { id, properties } = unfinished;
      expect(properties.__provider).toBe(PROVIDER);
      await lab.restart();
      await lab.update({ id, outs: properties, inputs: await lab.inputs(settings) }, settings);
    } else if (unfinished !== undefined) {
      expect(unfinished).toBeInstanceOf(Error);
      await lab.restart();
      await lab.create(settings);
    }
    const { vms, files, leases } = await lab.raw.contents();
    expect({ vms, leases }).toEqual({ vms: ["vm: poweredOn"], leases: 0 });
    expect(files.filter((file) => file.endsWith("/"))).toEqual(["[datastore1] vm/"]);
    const made = lab.raw.vm("vm");
    expect(lab.ownerMark(made)?.phase).toBe("created");

    await ovaDeployment.delete(made.instanceUuid, { name: "vm", moid: made.moid }, lab.context());
    expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
    await lab.host.close();
    // Nobody can log out of a session whose cookie never arrived.
    const unknown = method === "Login" && action === "loseReply" ? 1 : 0;
    expect(lab.raw.simulator.sessions()).toHaveLength(unknown);
  });

  test.each(["RetrievePropertiesEx", "PowerOffVM_Task", "Destroy_Task"])(
    "in %s of a delete nothing is left, or what the next run deletes",
    async (method) => {
      const vm = await lab.create();
      await lab.restart();
      lab.raw.simulator.faults.add({ method, count: 1, action });
      await lab.delete(vm).catch(async (error: unknown) => {
        expect(error).toBeInstanceOf(Error);
        const isIdle = () =>
          lab.raw.simulator.tasks().every(({ completeTime }) => completeTime !== undefined);
        await lab.raw.until(isIdle, "what the host has begun is done");
        await lab.delete(vm);
      });
      expect(lab.raw.simulator.requests.entries().filter(({ faultRule }) => faultRule)).toHaveLength(1);
      expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [], leases: 0 });
    },
  );
});

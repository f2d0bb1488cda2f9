import { expect, test } from "vitest";
import { failed, openLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";

test("an up that fails after the VM exists is finished by the next, also after a refresh", {
  timeout: 120_000,
}, async (context) => {
  const { host, project } = await openLab(context);
  host.simulator.faults.add({
    method: "PowerOnVM_Task",
    count: 1,
    action: { taskFault: "InsufficientResourcesFault", message: "There is not enough memory." },
  });
  await project.declare({ web: { ovaPath: tinyOva.path } });
  const { output } = failed(await project.up());
  expect(output).toContain("There is not enough memory");
  const made = host.vm("web").instanceUuid;
  const state = (await project.vmsInState()).get("web");
  expect(state).toMatchObject({ id: made, outputs: { powerState: "poweredOff" } });
  expect(state?.initErrors?.join()).toContain("There is not enough memory");

  succeeded(await project.refresh());
  expect((await project.vmsInState()).get("web")?.id).toBe(made);

  const { steps } = succeeded(await project.up());
  expect(steps).toEqual({ update: ["web"] });
  expect(host.vm("web").instanceUuid).toBe(made);
  expect(host.count("nfc")).toBe(1);
  expect((await project.vmsInState()).get("web")?.initErrors ?? []).toEqual([]);
  await host.expectVms("web: poweredOn");

  succeeded(await project.destroy());
  await host.expectEmpty();
});

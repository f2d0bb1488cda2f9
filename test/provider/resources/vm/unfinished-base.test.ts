/** A machine that was never finished has been in its host's list all the same, so somebody may have built on its disks. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { failure, Lab, type Managed } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";
import { Stranger } from "../stranger.ts";

const MEMORY = 1024 ** 2;

describe.each(["api", "ssh"] as const)("by %s", (transport) => {
  let lab: Lab;
  let vms: ResourceLab;

  beforeEach(async () => {
    lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
    vms = ResourceLab.in(lab, scratchVm, "ScratchVm", lab.connect({ transport }));
  });

  afterEach(() => lab.close());

  const disks = [{ label: "system", size: 1 / 1024 }];

  /** Its power-on has failed, so its create has not ended. */
  async function unfinished(): Promise<Managed> {
    const tooMuch = { disks, memory: MEMORY, memoryReservation: MEMORY };
    const error = await failure(vms.create("base", tooMuch));
    const { id, properties } = error as unknown as {
      readonly id: string;
      readonly properties: Managed["outs"];
    };
    return { id, outs: properties, inputs: await vms.inputs("base", tooMuch) };
  }

  test("it is not powered on while another machine builds on its disk", async () => {
    const begun = await unfinished();
    const stranger = new Stranger(lab);
    const [disk = ""] = stranger.diskPaths("base");
    await stranger.vm("child", [{ on: disk }]);
    const fits = { disks, memory: 64, memoryReservation: 0 };
    expect((await failure(vms.update(begun, fits))).message).toMatch(/"child".*power it on/);
    expect(lab.raw.vm("base").powerState).toBe("poweredOff");
  });

  test("it is powered on where nothing builds on it", async () => {
    const updated = await vms.update(await unfinished(), { disks, memory: 64, memoryReservation: 0 });
    expect(updated.outs).toMatchObject({ powerState: "poweredOn", __phase: "done" });
  });
});

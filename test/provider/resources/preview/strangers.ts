import { datastoreFile } from "../../../../provider/resources/datastore/datastore-file.lifecycle.ts";
import { datastoreFolder } from "../../../../provider/resources/datastore/datastore-folder.lifecycle.ts";
import type { Lifecycle, Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { resourcePool } from "../../../../provider/resources/host/resource-pool.lifecycle.ts";
import { portGroup } from "../../../../provider/resources/network/port-group.lifecycle.ts";
import { virtualSwitch } from "../../../../provider/resources/network/virtual-switch.lifecycle.ts";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import type { Lab } from "../lab.ts";

/** What strangers have on a host: one thing of everything that programs name. The connection that made them is gone. */
export async function placeStrangers(lab: Lab): Promise<void> {
  await lab.write("core.iso", "an image");
  const make = async (lifecycle: Lifecycle, args: Properties): Promise<void> => {
    const given = { ...args, __urn: "urn:pulumi:dev::theirs::pulumi-nodejs:esxi:Any::theirs" };
    const { inputs, failures } = await lifecycle.check({}, given, lab.context());
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    await lifecycle.create(inputs, lab.context());
  };
  await make(scratchVm, { name: "theirs", datastore: "datastore1", powerOn: false });
  await make(datastoreFolder, { datastore: "datastore1", path: "data" });
  await make(datastoreFile, { datastore: "datastore1", path: "iso/core-5.4.iso", source: "core.iso" });
  await make(portGroup, { name: "their-net", virtualSwitch: "vSwitch0" });
  await make(virtualSwitch, { name: "their-switch" });
  await make(resourcePool, { name: "their-pool" });
  await lab.restart();
}

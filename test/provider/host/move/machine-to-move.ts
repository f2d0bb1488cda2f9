import type { MoveMark } from "../../../../provider/host/vm/reading/move-mark.ts";
import { Lab } from "../../resources/lab.ts";

/** The mark of a machine `vm` that is being copied from `datastore1` to `big`. */
export const MARK: MoveMark = {
  schema: 1,
  from: "[datastore1] vm/vm.vmx",
  to: "[big] vm/vm.vmx",
  flag: "pulumi-esxi-direct-moves-0123456789abcdef",
  phase: "copying",
  ran: false,
  keepsUuid: true,
};

/** A host with the two datastores of {@link MARK}. */
export const twoDatastores = (): Promise<Lab> =>
  Lab.open({ datastores: ["datastore1", "big"].map((name) => ({ name, capacityBytes: 1024 ** 3 })) });

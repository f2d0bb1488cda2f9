import type { CloneOptions, CloneRequest } from "../../../provider/host/clone/clone-request.ts";
import type { CloneSource } from "../../../provider/host/clone/clone-source.ts";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { datastoreClone } from "../../../provider/resources/vm/datastore-clone.lifecycle.ts";
import type { SimulatorOptions } from "../../../simulator/index.ts";
import { macAddressesOf } from "../../support/mac-addresses.ts";
import { Lab, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

/** One of those that people may give. */
export const GIVEN_MAC = "00:50:56:01:02:03";

/** A lab with an OVA that is there to be cloned. */
export class CloneLab extends ResourceLab {
  static async open(options: Partial<SimulatorOptions> = {}): Promise<CloneLab> {
    return new CloneLab(await Lab.open(options), datastoreClone, "DatastoreClone", { source: "golden" });
  }

  /** The machine to clone: powered off unless the settings say otherwise. */
  golden(settings: Properties = {}): Promise<Managed> {
    return this.lab.create({ name: "golden", powerOn: false, ...settings });
  }

  /** What a copy is told beside what it is to make; what it says goes to the lab. */
  options(signal: AbortSignal): CloneOptions {
    const { progress } = this.lab.context(signal);
    return { signal, onStatus: progress.status, onWarning: progress.warn };
  }

  /** A clone of that machine, called "student" and otherwise like it. */
  request(source: CloneSource): CloneRequest {
    return {
      source,
      name: "student",
      datastore: undefined,
      folder: undefined,
      resourcePool: undefined,
      diskProvisioning: "thin",
      adapters: undefined,
      settings: {},
      mark: { schema: 1, urn: "urn", digest: "digest", phase: "creating", session: "session", copies: 1 },
    };
  }

  /** As the host has them. */
  macAddresses(name: string): string[] {
    return macAddressesOf(this.lab.raw.vm(name));
  }
}

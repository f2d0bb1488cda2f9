/** The VMs that are registered on the host. */
import type { ManagedObjectReference } from "../../schema/index.ts";

export class Vms {
  references(): ManagedObjectReference[] {
    return [];
  }
  onNetwork(_name: string): ManagedObjectReference[] {
    return [];
  }
  onDatastore(_name: string): ManagedObjectReference[] {
    return [];
  }
}

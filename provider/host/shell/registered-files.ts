import { retrieveAll } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";

/** A machine in the host's inventory. */
interface Registered {
  readonly moid: string;
  /** Its .vmx file as the host writes it. On a datastore that is away: `[] /vmfs/volumes/…`. */
  readonly vmxPath: string;
}

const PATH = "summary.config.vmPathName";

/** The machines that the host has in its inventory now, whether it can read them or not. */
export async function registeredFiles(host: EsxiHost): Promise<Registered[]> {
  const vms = await retrieveAll(host.client, "VirtualMachine", [PATH]);
  return vms.flatMap(({ ref, properties: { [PATH]: vmxPath } }) =>
    typeof vmxPath === "string" ? [{ moid: ref.value, vmxPath }] : [],
  );
}

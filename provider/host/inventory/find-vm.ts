import { didYouMean } from "../../ovf/did-you-mean.ts";
import { formatDatastorePath, parseDatastorePath } from "../datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { LookUpError } from "./look-up-error.ts";
import { type InventoryVm, readVms } from "./vms.ts";

/** What a virtual machine can be known by. */
export type VmKey = "name" | "instanceUuid" | "moid" | "vmxPath";

const WORDS: Readonly<Record<VmKey, string>> = {
  name: "named",
  instanceUuid: "with the instance UUID",
  moid: "with the managed object id",
  vmxPath: "whose .vmx file is",
};

/**
 * The one virtual machine that is known by that.
 * @throws LookUpError if there is none, naming those that are like it, or if there are several, with their paths.
 */
export async function findVm(host: EsxiHost, key: VmKey, value: string): Promise<InventoryVm> {
  const { vms } = await readVms(host);
  const wanted = comparable(key, value);
  const found = vms.filter((vm) => comparable(key, vm[key]) === wanted);
  const [only] = found;
  if (only === undefined) {
    const known = vms.map((vm) => vm[key]);
    const hint = didYouMean(value, known, "virtual machines", host.name);
    throw new LookUpError(`${host.name} has no virtual machine ${WORDS[key]} "${value}": ${hint}.`);
  }
  if (found.length > 1) {
    const paths = found.map(({ vmxPath }) => `"${vmxPath}"`).join(" and ");
    throw new LookUpError(
      `${host.name} has ${found.length} virtual machines ${WORDS[key]} "${value}": ${paths}. ` +
        "Say which one you mean by its vmxPath.",
    );
  }
  return only;
}

function comparable(key: VmKey, value: string): string {
  if (key === "vmxPath") return formatDatastorePath(parseDatastorePath(value));
  return key === "instanceUuid" ? value.toLowerCase() : value;
}

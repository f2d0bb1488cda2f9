import type { LicenseManagerLicenseInfo } from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { readOnce } from "../per-host.ts";
import { readSshService, SSH_SERVICE } from "./ssh-service.ts";

export type Transport = "api" | "ssh";

/** The transport in a setting of a resource or of the configuration. Undefined if it is not set, or not known yet. */
export const askedTransport = (setting: unknown): Transport | "auto" | undefined =>
  (["auto", "api", "ssh"] as const).find((each) => each === setting);

/** The way to change a host: as asked, or through the API if its licence allows that, otherwise by SSH. */
export async function chooseTransport(host: EsxiHost, asked: Transport | "auto"): Promise<Transport> {
  if (asked !== "auto") return asked;
  try {
    return (await isApiRestricted(host)) ? "ssh" : "api";
  } catch (error) {
    // If the user may not read the licence, the write itself will show it.
    if (isFault(error, "NoPermission")) return "api";
    throw error;
  }
}

/** Whether the host's licence allows changes through the API. */
export async function mayApiWrite(host: EsxiHost): Promise<boolean> {
  try {
    return !(await isApiRestricted(host));
  } catch (error) {
    // A user with read access only cannot find out more than that.
    if (isFault(error, "NoPermission")) return false;
    throw error;
  }
}

/** The licence's name does not prove much. A write that changes nothing does. */
const isApiRestricted = readOnce(async (host: EsxiHost): Promise<boolean> => {
  if (!(await seemsFree(host))) return false;
  const service = await readSshService(host);
  if (!service) return true;
  try {
    await host.client.call(service.system, "UpdateServicePolicy", {
      id: SSH_SERVICE,
      policy: service.policy,
    });
    return false;
  } catch (error) {
    // If the user may not write in that way, only the licence's name is known.
    if (isFault(error, "RestrictedVersion") || isFault(error, "NoPermission")) return true;
    throw error;
  }
});

async function seemsFree(host: EsxiHost): Promise<boolean> {
  const { licenseManager } = (await host.facts()).content;
  if (!licenseManager) return false;
  const { licenses } = await retrieveOne(host.client, licenseManager, "LicenseManager", ["licenses"]);
  return soundsFree(licenses ?? []);
}

/** Whether licences of a host are called like the one that lets the API change nothing. */
export const soundsFree = (licenses: readonly LicenseManagerLicenseInfo[]): boolean =>
  licenses.some(
    ({ editionKey, name, properties }) =>
      /^(esx\.hypervisor|esxBasic)/i.test(editionKey) ||
      isHypervisorEdition(name) ||
      properties?.some(({ key, value }) => key === "expirationHours" && Number(value) <= 0) === true,
  );

/** Whether a run can use the host's shell, or may start it. Nothing is changed to find out. */
export const mayHaveShell = readOnce(async (host: EsxiHost): Promise<boolean> => {
  const service = await readSshService(host);
  return service?.running !== false || !(await seemsFree(host));
});

/** The free edition's name, with or without a version in between. */
function isHypervisorEdition(name: string): boolean {
  const lower = name.toLowerCase();
  const at = lower.indexOf("vsphere");
  return at >= 0 && lower.includes("hypervisor", at);
}

import { isFault } from "../../vim/faults.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { readOnce } from "../per-host.ts";
import { readSshService, SSH_SERVICE } from "./ssh-service.ts";

export type Transport = "api" | "ssh";

/** What a setting of a resource or of the configuration asks for; undefined where it says nothing, or nobody knows it yet. */
export const askedTransport = (setting: unknown): Transport | "auto" | undefined =>
  (["auto", "api", "ssh"] as const).find((each) => each === setting);

/** How a host is made to change something: as asked, or through the API where its licence allows that, else by SSH. */
export async function chooseTransport(host: EsxiHost, asked: Transport | "auto"): Promise<Transport> {
  if (asked !== "auto") return asked;
  try {
    return (await isApiRestricted(host)) ? "ssh" : "api";
  } catch (error) {
    // Who may not read the licence is told of it by the write itself.
    if (isFault(error, "NoPermission")) return "api";
    throw error;
  }
}

/** Whether the host's licence lets the API change something. */
export async function mayApiWrite(host: EsxiHost): Promise<boolean> {
  try {
    return !(await isApiRestricted(host));
  } catch (error) {
    // A user who may only read cannot find out more than that.
    if (isFault(error, "NoPermission")) return false;
    throw error;
  }
}

/** What the licence is called says little for sure: a write that changes nothing settles it. */
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
    // Who may not write that way cannot find out more than what the licence is called.
    if (isFault(error, "RestrictedVersion") || isFault(error, "NoPermission")) return true;
    throw error;
  }
});

async function seemsFree(host: EsxiHost): Promise<boolean> {
  const { licenseManager } = (await host.facts()).content;
  if (!licenseManager) return false;
  const { licenses } = await retrieveOne(host.client, licenseManager, "LicenseManager", ["licenses"]);
  return (licenses ?? []).some(
    ({ editionKey, name, properties }) =>
      /^(esx\.hypervisor|esxBasic)/i.test(editionKey) ||
      isHypervisorEdition(name) ||
      properties?.some(({ key, value }) => key === "expirationHours" && Number(value) <= 0) === true,
  );
}

/** Whether the host's shell is there for a run, or may be started by it, as far as that is told without changing anything. */
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

/** LicenseManager: what the host's licence allows. */
import { LICENSE_MANAGER } from "../core/ids.ts";
import type { Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";

export function licenseManager({ options }: HostContext): Part {
  const free = options.license === "free";
  const editionKey = free
    ? "esx.hypervisor.cpuPackageCoreLimited"
    : "esx.enterprisePlus.cpuPackageCoreLimited";
  const name = free ? "vSphere 8 Hypervisor" : "vSphere 8 Enterprise Plus";
  return {
    objects: [
      {
        ref: LICENSE_MANAGER,
        readers: {
          source: () => ({ $type: "LocalLicenseSource", licenseKeys: "" }),
          sourceAvailable: () => true,
          featureInfo: () => [],
          licensedEdition: () => editionKey,
          licenses: () => [
            {
              licenseKey: "00000-00000-00000-00000-00000",
              editionKey,
              name,
              total: 0,
              costUnit: "cpuPackage",
              properties: [
                { key: "ProductName", value: "VMware ESX Server" },
                { key: "ProductVersion", value: "8.0" },
              ],
            },
          ],
          evaluation: () => ({ properties: [] }),
        },
      },
    ],
  };
}

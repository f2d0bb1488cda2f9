import type { OvaImport } from "../../../../provider/host/import/ova-import.ts";

/** An import into the only datastore of a host, without anything that its OVA does not say. */
export const PLAIN_IMPORT: OvaImport = {
  name: "vm",
  datastore: undefined,
  resourcePool: undefined,
  networkMap: {},
  ovfNetworks: ["VM Network"],
  deploymentOption: undefined,
  diskProvisioning: "thin",
  pullFrom: undefined,
  allowExtraConfig: false,
  relax: false,
  propertyMapping: {},
  sizesByProperty: {},
  settings: {},
};

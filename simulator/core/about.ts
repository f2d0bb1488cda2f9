/** The data that a host shows before anybody has logged in. */
import { type AboutInfo, API_VERSIONS, type ServiceContent } from "../../schema/index.ts";
import {
  ADVANCED_OPTIONS,
  FILE_MANAGER,
  LICENSE_MANAGER,
  OVF_MANAGER,
  PROPERTY_COLLECTOR,
  ROOT_FOLDER,
  SEARCH_INDEX,
  SESSION_MANAGER,
  TASK_MANAGER,
  VIEW_MANAGER,
  VIRTUAL_DISK_MANAGER,
} from "./ids.ts";
import { reference } from "./objects.ts";

/** @param apiVersion for example "8.0.3.0" */
export function aboutInfo(apiVersion: string): AboutInfo {
  // From 9.0 on a version has four parts, and the full name has no build.
  const isNew = Number.parseInt(apiVersion, 10) >= 9;
  const version = apiVersion
    .split(".")
    .slice(0, isNew ? 4 : 3)
    .join(".");
  return {
    name: "VMware ESXi",
    fullName: isNew ? `VMware ESXi ${version}` : `VMware ESXi ${version} build-24022510`,
    vendor: "VMware, Inc.",
    version,
    build: "24022510",
    localeVersion: "INTL",
    localeBuild: "000",
    osType: "vmnix-x86",
    productLineId: "embeddedEsx",
    apiType: "HostAgent",
    apiVersion,
    licenseProductName: "VMware ESX Server",
    licenseProductVersion: `${version.split(".")[0] ?? "8"}.0`,
  };
}

export function serviceContent(about: AboutInfo): ServiceContent {
  return {
    rootFolder: ROOT_FOLDER,
    propertyCollector: PROPERTY_COLLECTOR,
    viewManager: VIEW_MANAGER,
    about,
    setting: ADVANCED_OPTIONS,
    userDirectory: reference("UserDirectory", "ha-user-directory"),
    sessionManager: SESSION_MANAGER,
    authorizationManager: reference("AuthorizationManager", "ha-authmgr"),
    serviceManager: reference("ServiceManager", "ha-servicemanager"),
    perfManager: reference("PerformanceManager", "ha-perfmgr"),
    eventManager: reference("EventManager", "ha-eventmgr"),
    taskManager: TASK_MANAGER,
    accountManager: reference("HostLocalAccountManager", "ha-localacctmgr"),
    diagnosticManager: reference("DiagnosticManager", "ha-diagnosticmgr"),
    licenseManager: LICENSE_MANAGER,
    searchIndex: SEARCH_INDEX,
    fileManager: FILE_MANAGER,
    virtualDiskManager: VIRTUAL_DISK_MANAGER,
    ovfManager: OVF_MANAGER,
    dvSwitchManager: reference("DistributedVirtualSwitchManager", "ha-dvsmanager"),
    localizationManager: reference("LocalizationManager", "ha-l10n-manager"),
    storageResourceManager: reference("StorageResourceManager", "ha-storage-resource-manager"),
    guestOperationsManager: reference("GuestOperationsManager", "ha-guest-operations-manager"),
  };
}

/** The text of /sdk/vimServiceVersions.xml. */
export function serviceVersions(apiVersion: string): string {
  const named = API_VERSIONS.filter(
    (version) => /^\d+\.\d+(\.\d+)*$/.test(version) && !isNewer(version, apiVersion),
  );
  const [newest = apiVersion, ...prior] = named.reverse();
  return [
    '<?xml version="1.0" encoding="UTF-8" ?>',
    '<namespaces version="1.0">',
    "  <namespace>",
    "    <name>urn:vim25</name>",
    `    <version>${newest}</version>`,
    "    <priorVersions>",
    ...prior.map((version) => `      <version>${version}</version>`),
    "    </priorVersions>",
    "  </namespace>",
    "  <namespace>",
    "    <name>urn:vim2</name>",
    "    <version>2.0</version>",
    "  </namespace>",
    "</namespaces>",
    "",
  ].join("\n");
}

function isNewer(version: string, than: string): boolean {
  const left = version.split(".").map(Number);
  const right = than.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

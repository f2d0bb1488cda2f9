/** The managers of a host that are only read: options, licences, services, browsers. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { type PropertyReaders, reference } from "../core/objects.ts";
import { userSession } from "../core/sessions.ts";
import { networkConfig, networkInfo } from "../network/info.ts";
import { TEAMING } from "../network/policy.ts";
import type { Host } from "./host.ts";
import { MANAGERS } from "./host-system.ts";

/** Objects that the service content names and that have no properties which anyone reads. */
const BARE = [
  reference("UserDirectory", "ha-user-directory"),
  reference("AuthorizationManager", "ha-authmgr"),
  reference("ServiceManager", "ha-servicemanager"),
  reference("PerformanceManager", "ha-perfmgr"),
  reference("EventManager", "ha-eventmgr"),
  reference("HostLocalAccountManager", "ha-localacctmgr"),
  reference("DiagnosticManager", "ha-diagnosticmgr"),
  reference("DistributedVirtualSwitchManager", "ha-dvsmanager"),
  reference("LocalizationManager", "ha-l10n-manager"),
  reference("StorageResourceManager", "ha-storage-resource-manager"),
  reference("GuestOperationsManager", "ha-guest-operations-manager"),
  reference("OptionManager", "ha-adv-options"),
  MANAGERS.storageSystem,
  ids.SEARCH_INDEX,
  ids.FILE_MANAGER,
  ids.VIRTUAL_DISK_MANAGER,
];

export function addManagers(host: Host, datastores: () => readonly ManagedObjectReference[]): void {
  const add = (ref: ManagedObjectReference, readers: PropertyReaders): void =>
    host.objects.add({ ref, readers });
  for (const ref of BARE) add(ref, {});
  add(ids.PROPERTY_COLLECTOR, { filter: () => [] });
  add(ids.VIEW_MANAGER, { viewList: () => [] });
  add(ids.OVF_MANAGER, { ovfImportOption: () => [], ovfExportOption: () => [] });
  add(ids.SESSION_MANAGER, {
    currentSession: ({ session }) => {
      const current = host.sessions.list().find((one) => one.key === session);
      return current && userSession(current);
    },
    sessionList: () => host.sessions.list().map(userSession),
    messageLocaleList: () => ["en"],
    supportedLocaleList: () => ["en"],
    defaultLocale: () => "en",
  });
  add(ids.TASK_MANAGER, {
    recentTask: () => host.tasks.recent(),
    description: () => ({ methodInfo: [], state: [], reason: [] }),
    maxCollector: () => 10,
  });
  add(ids.ADVANCED_OPTIONS, {
    supportedOption: () => [],
    setting: () => [
      { key: "Config.HostAgent.vmacore.soap.sessionTimeout", value: host.options.sessionIdleSeconds / 60 },
    ],
  });
  add(ids.LICENSE_MANAGER, licenseReaders(host));
  add(ids.ENVIRONMENT_BROWSER, { datastoreBrowser: () => ids.DATASTORE_BROWSER });
  add(ids.DATASTORE_BROWSER, { datastore: () => [...datastores()], supportedType: () => [] });
  add(MANAGERS.datastoreSystem, {
    datastore: () => [...datastores()],
    capabilities: () => ({
      nfsMountCreationRequired: true,
      nfsMountCreationSupported: true,
      localDatastoreSupported: false,
      vmfsExtentExpansionSupported: true,
    }),
  });
  add(MANAGERS.networkSystem, {
    networkInfo: () => networkInfo(host),
    networkConfig: () => networkConfig(host),
    capabilities: () => ({
      canSetPhysicalNicLinkSpeed: true,
      supportsNicTeaming: true,
      nicTeamingPolicy: TEAMING,
      supportsVlan: true,
      usesServiceConsoleNic: false,
      supportsNetworkHints: true,
      maxPortGroupsPerVswitch: 512,
      vswitchConfigSupported: true,
      vnicConfigSupported: true,
      ipRouteConfigSupported: true,
      dnsConfigSupported: true,
      dhcpOnVnicSupported: true,
      ipV6Supported: true,
    }),
  });
  add(MANAGERS.serviceSystem, { serviceInfo: () => host.services.info() });
  add(MANAGERS.autoStartManager, { config: () => host.autoStart.config() });
}

function licenseReaders(host: Host): PropertyReaders {
  const free = host.options.license === "free";
  const editionKey = free
    ? "esx.hypervisor.cpuPackageCoreLimited"
    : "esx.enterprisePlus.cpuPackageCoreLimited";
  const name = free ? "vSphere 8 Hypervisor" : "vSphere 8 Enterprise Plus";
  return {
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
  };
}

/** Objects in the service content without any property that a client reads. */
import { MANAGERS } from "../core/ids.ts";
import { reference } from "../core/objects.ts";
import type { Part } from "../handlers.ts";

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
];

export function bareObjects(): Part {
  return { objects: BARE.map((ref) => ({ ref, readers: {} })) };
}

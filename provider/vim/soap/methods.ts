import type { VimMethods } from "../../../schema/index.ts";

/**
 * Methods that change nothing, or whose repetition changes nothing more. They are sent again after a lost answer.
 * Views, filters and collectors belong to the session and end with it, so one too many does no harm.
 */
const REPEATABLE: ReadonlySet<keyof VimMethods> = new Set([
  "CancelTask",
  "CancelWaitForUpdates",
  "CheckForUpdates",
  "CreateContainerView",
  "CreateFilter",
  "CreateImportSpec",
  "CreateListView",
  "CreatePropertyCollector",
  "CurrentTime",
  "DecodeLicense",
  "FindAllByUuid",
  "FindByDatastorePath",
  "FindByInventoryPath",
  "FindByIp",
  "FindByUuid",
  "FindChild",
  "HttpNfcLeaseGetManifest",
  "HttpNfcLeaseProgress",
  "ModifyListView",
  "ParseDescriptor",
  "QueryConfigOption",
  "QueryConfigOptionDescriptor",
  "QueryConfigOptionEx",
  "QueryConfigTarget",
  "QueryHostConnectionInfo",
  "QueryVirtualDiskFragmentation",
  "QueryVirtualDiskUuid",
  "RefreshDatastore",
  "RefreshDatastoreStorageInfo",
  "RefreshServices",
  "Reload",
  "RetrieveProperties",
  "RetrievePropertiesEx",
  "RetrieveServiceContent",
  "SearchDatastoreSubFolders_Task",
  "SearchDatastore_Task",
  "SessionIsActive",
  "ValidateHost",
  "WaitForUpdates",
  "WaitForUpdatesEx",
]);

/** True if sending the method twice has the same effect as sending it once. */
export function isRepeatable(method: keyof VimMethods): boolean {
  return REPEATABLE.has(method);
}

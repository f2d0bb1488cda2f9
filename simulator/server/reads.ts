/** The methods that change nothing. A free licence allows only these. */
const READS: readonly RegExp[] = [
  /^(Retrieve|ContinueRetrieve|CancelRetrieve|Fetch|Query|Find|Search|Validate|Parse|Decode|Check|Has)/,
  /^(Login|Logout|SessionIsActive|CurrentTime|WaitForUpdates|WaitForUpdatesEx|CancelWaitForUpdates)$/,
  /^(CreateFilter|DestroyPropertyFilter|CreatePropertyCollector|DestroyPropertyCollector)$/,
  /^(Create\w*View|ModifyListView|DestroyView|ResetListView)$/,
  /^(CreateImportSpec|CreateDescriptor|CreateCollectorForTasks|DestroyCollector|ReadNextTasks|ReadPreviousTasks|RewindCollector|ResetCollector|SetCollectorPageSize)$/,
  /^(RefreshDatastore|RefreshDatastoreStorageInfo|RefreshServices|RefreshNetworkSystem)$/,
];

export function isRead(method: string): boolean {
  return READS.some((pattern) => pattern.test(method));
}

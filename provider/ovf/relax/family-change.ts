/**
 * Two clauses about the change of a hardware family that the host does not run.
 * @param family As the descriptor writes it.
 * @param newest The newest family of the host, such as `vmx-19`.
 */
export const familyChange = (family: string, newest: string) => ({
  what: `its hardware is of the family ${family}, which this host does not run`,
  change: `it becomes ${newest}`,
});

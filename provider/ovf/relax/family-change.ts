/**
 * How it is told that hardware of a family which the host does not run is changed, as two clauses.
 * @param family As the descriptor writes it.
 * @param newest What the host runs, such as `vmx-19`.
 */
export const familyChange = (family: string, newest: string) => ({
  what: `its hardware is of the family ${family}, which this host does not run`,
  change: `it becomes ${newest}`,
});

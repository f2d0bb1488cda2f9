/** Parameters of CreateSnapshot_Task. */
export function snapshotSpec(name: string, memory = false, quiesce = false): string {
  return `<name>${name}</name><description>of a test</description><memory>${memory}</memory><quiesce>${quiesce}</quiesce>`;
}

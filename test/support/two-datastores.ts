/** For a simulated host: two datastores, so that a program must say which one it means. */
export const twoDatastores = (capacityBytes: number) =>
  ["datastore1", "ssd"].map((name) => ({ name, capacityBytes }));

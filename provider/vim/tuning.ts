/**
 * Numbers of reading and watching that were found by measuring. Each names the row of `docs/bench.md` that changes with
 * it (`npm run bench -- ROW`), and the results of other values.
 */

/**
 * How long a read waits for others that go to the host in the same call, in milliseconds. Pulumi writes the state of
 * all resources after each one. With more resources, the time until the next operation is longer, so a wait costs less.
 *
 * `soap-calls`, up: without a wait a VM takes two calls more. `ten-tiny`: with 40 ms always, ten small OVAs take a
 * tenth of a second longer. `scratch-vms`, up of 100: with 0.3 ms for each change the ratio was 1.33, with 0.4 ms 1.29,
 * with these values 1.23.
 */
export const GATHER = {
  /** The wait while few resources have changed. */
  soonMs: 2,
  /** The additional wait for each resource. For deletions it is smaller, because state becomes smaller. */
  msPerChange: { create: 0.2, update: 0.2, delete: 0.06 },
  /**
   * If the wait is longer than the shortest, it has at least this length: two or three operations need that to join.
   */
  worthItMs: 8,
  longestMs: 100,
} as const;

/**
 * When a task is looked at before it is watched, in milliseconds after its beginning and after the look before.
 *
 * `scratch-vms`, destroy: with a first look after 1 ms hardly any task was over, and vcsim spent half of its time on
 * watching them.
 */
export const TASK_LOOKS = { firstAfterMs: 10, secondAfterMs: 20 } as const;

/**
 * When the view of watched tasks changes.
 *
 * `soap-calls`, up: `ModifyListView`. Tasks of eight machines at once took 1.3 to 1.7 of these calls each where every
 * finished task left the view by itself, and 0.8 to 0.9 with this value.
 */
export const WATCH = {
  /** Finished tasks stay in the view until there are new ones to add, or until there are so many. */
  finishedTasksKept: 200,
  /**
   * How soon a host reports an object that is new in its view, in milliseconds. If it does not, the object is read. With
   * 100 ms tasks took as many reads as with this value. A host that reports later would be read for each task.
   */
  reportsWithinMs: 1_000,
} as const;

/**
 * How many objects one call reads: five megabytes or so of VMs.
 *
 * `scratch-vms`, refresh of 600: in one answer, the engine waited for more than a second.
 */
export const MOST_OBJECTS = 500;

/**
 * How many VMs are read at a time. The first page is short, so that Pulumi's engine has something to do while the host
 * prepares the next one. Each page is longer than the one before, because a host prepares VMs faster than Pulumi
 * handles them.
 *
 * `scratch-vms`, refresh of 600: two pages ahead from the beginning, or each VM by itself, took longer.
 */
export const VM_PAGES = {
  first: 20,
  growth: 3,
  /** How many VMs a host prepares at a time while others are handled. */
  underWay: 3,
} as const;

/**
 * How long an answer is used that serves many resources, in milliseconds.
 *
 * `soap-calls`: names of new VMs are looked up once for all creates within two seconds (up). One read serves a whole
 * refresh (10 calls in all) and many deletions (destroy). `clones`, linked: without an answer about their source that
 * serves a second, a clone takes 4.5 to 4.9 calls instead of 3.7 to 3.9.
 */
export const SERVES = {
  namesMs: 2_000,
  /** For all that a refresh only looks at: VMs, folders of datastores, the list of machines that start with the host. */
  refreshMs: 20_000,
  /** For the machine that clones are made of. A later clone may find it started or stopped. */
  cloneSourceMs: 1_000,
  /** For deletions. Only changes of others matter here, and not changes of this process. */
  overviewMs: 10_000,
} as const;

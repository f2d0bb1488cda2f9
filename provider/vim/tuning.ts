/**
 * The numbers of reading and watching that were found by measuring. Each names the row of `docs/bench.md` that moves when
 * it is changed (`npm run bench -- ROW`), and what other values gave.
 */

/**
 * How long a read waits for others that go to the host in the same call, in milliseconds. Pulumi writes down the state of
 * all resources after each one. The more there are, the longer it takes to come to the next, and the less a wait costs.
 *
 * `soap-calls`, up: without a wait a VM takes two calls more. `ten-tiny`: with 40 ms always, ten small OVAs take a tenth of
 * a second longer. `scratch-vms`, up of 100: with 0.3 ms for each change the ratio was 1.33, with 0.4 ms 1.29, with these
 * values 1.23.
 */
export const GATHER = {
  /** As long as little has been changed. */
  soonMs: 2,
  /** So much longer for each resource. Of those that are deleted there are ever fewer. */
  msPerChange: { create: 0.2, update: 0.2, delete: 0.06 },
  /** A wait that is longer than the shortest is at least so long: two or three operations need that to join. */
  worthItMs: 8,
  longestMs: 100,
} as const;

/**
 * When a task is looked at before it is watched, in milliseconds from its beginning and from the look before.
 *
 * `scratch-vms`, destroy: with a first look after 1 ms hardly any task was over, and vcsim spent half of its time on
 * watching them.
 */
export const TASK_LOOKS = { firstAfterMs: 10, secondAfterMs: 20 } as const;

/**
 * How many VMs are read at a time. The first page is short, so that Pulumi's engine has something to do while the host
 * prepares the next. Each page is longer than the one before: a host prepares VMs faster than Pulumi takes them up.
 *
 * `scratch-vms`, refresh of 600: in one answer, the engine waited for more than a second. Two pages ahead from the
 * beginning, or each VM by itself, took longer.
 */
export const VM_PAGES = {
  first: 20,
  growth: 3,
  /** Five megabytes or so. */
  most: 500,
  /** How many a host prepares at a time, while others are worked on. */
  underWay: 3,
} as const;

/**
 * How long an answer about all VMs serves, in milliseconds.
 *
 * `soap-calls`: names of new VMs are looked up once for all creates of two seconds (up), and one read serves a whole refresh
 * (10 calls in all) and many deletions (destroy).
 */
export const SERVES = {
  namesMs: 2_000,
  refreshMs: 20_000,
  /** For deletions, where others may have changed what matters, and what this process has changed does not. */
  overviewMs: 10_000,
} as const;

import { checkpoints } from "./checkpoints.ts";
import { clones } from "./clones.ts";
import { fleetOf600 } from "./fleet-of-600.ts";
import { freeClones } from "./free-clones.ts";
import { ovaOverSsh } from "./ova-over-ssh.ts";
import { ovaThroughput } from "./ova-throughput.ts";
import { scratchVms } from "./scratch-vms.ts";
import { soapCalls } from "./soap-calls.ts";
import type { Benchmark } from "./support/result.ts";
import { tenTiny } from "./ten-tiny.ts";
import { threeLarge } from "./three-large.ts";

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  ovaThroughput,
  ovaOverSsh,
  tenTiny,
  threeLarge,
  soapCalls,
  clones,
  freeClones,
  fleetOf600,
  scratchVms,
  checkpoints,
];

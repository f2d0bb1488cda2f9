/**
 * What the benchmarks deploy: BENCH_COUNT virtual machines of the OVAs in BENCH_OVA in turn, or with BENCH_MODE as many
 * clones of the first; with BENCH_RESOURCE=do-nothing resources of the same kinds that do nothing.
 */
import { DatastoreClone, OvaDeployment, type OvaDeploymentArgs } from "pulumi-esxi-direct";
import { DoNothing } from "./do-nothing.ts";

const { BENCH_RESOURCE, BENCH_COUNT, BENCH_OVA = "", BENCH_MODE } = process.env;
const ovas = BENCH_OVA.split(",");
const isReal = BENCH_RESOURCE !== "do-nothing";

function deploy(name: string, ovaPath: string): OvaDeployment | DoNothing {
  const args: OvaDeploymentArgs = { ovaPath, powerOn: false };
  return isReal ? new OvaDeployment(name, args) : new DoNothing("OvaDeployment", name, { ...args });
}

function clone(name: string, golden: OvaDeployment | DoNothing, mode: "full" | "linked"): void {
  const args = { source: golden.instanceUuid, mode };
  if (isReal) new DatastoreClone(name, args);
  else new DoNothing("DatastoreClone", name, args);
}

const names = Array.from({ length: Number(BENCH_COUNT) }, (_, index) => `bench-${index + 1}`);
if (BENCH_MODE === "full" || BENCH_MODE === "linked") {
  const golden = deploy("bench-golden", ovas[0] ?? "");
  for (const name of names) clone(name, golden, BENCH_MODE);
} else {
  for (const [index, name] of names.entries()) deploy(name, ovas[index % ovas.length] ?? "");
}

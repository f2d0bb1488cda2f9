/**
 * What the benchmarks deploy: BENCH_COUNT virtual machines of the OVAs in BENCH_OVA in turn, or with BENCH_MODE as many
 * clones of the first, or with BENCH_MODE=scratch as many machines from nothing, of which the first has BENCH_MEMORY;
 * with BENCH_RESOURCE=do-nothing resources of the same kinds that do nothing.
 */
import {
  DatastoreClone,
  OvaDeployment,
  type OvaDeploymentArgs,
  ScratchVm,
  type ScratchVmArgs,
} from "pulumi-esxi-direct";
import { DoNothing } from "./do-nothing.ts";

const { BENCH_RESOURCE, BENCH_COUNT, BENCH_OVA = "", BENCH_MODE, BENCH_MEMORY } = process.env;
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

function build(name: string, memory: number): void {
  const args: ScratchVmArgs = {
    memory,
    disks: [{ size: 1, controller: "pvscsi" }],
    networkInterfaces: [{ network: "VM Network" }],
  };
  if (isReal) new ScratchVm(name, args);
  else new DoNothing("ScratchVm", name, { ...args });
}

const names = Array.from({ length: Number(BENCH_COUNT) }, (_, index) => `bench-${index + 1}`);
if (BENCH_MODE === "full" || BENCH_MODE === "linked") {
  const golden = deploy("bench-golden", ovas[0] ?? "");
  for (const name of names) clone(name, golden, BENCH_MODE);
} else if (BENCH_MODE === "scratch") {
  for (const [index, name] of names.entries()) build(name, index === 0 ? Number(BENCH_MEMORY ?? 128) : 128);
} else {
  for (const [index, name] of names.entries()) deploy(name, ovas[index % ovas.length] ?? "");
}

/** What the benchmarks deploy: BENCH_COUNT virtual machines of the OVAs in BENCH_OVA in turn, or resources that do nothing. */
import { OvaDeployment, type OvaDeploymentArgs } from "pulumi-esxi-direct";
import { DoNothing } from "./do-nothing.ts";

const { BENCH_RESOURCE, BENCH_COUNT, BENCH_OVA = "" } = process.env;
const ovas = BENCH_OVA.split(",");

for (let index = 1; index <= Number(BENCH_COUNT); index++) {
  const name = `bench-${index}`;
  const args: OvaDeploymentArgs = { ovaPath: ovas[(index - 1) % ovas.length] ?? "", powerOn: false };
  if (BENCH_RESOURCE === "do-nothing") new DoNothing(name, { ...args });
  else new OvaDeployment(name, args);
}

/** Runs CreateImportSpec as a host with two networks would, and holds every answer against the schema. */
import { expect } from "vitest";
import type {
  OvfCreateImportSpecParams,
  OvfCreateImportSpecResult,
  VirtualDevice,
  VirtualMachineConfigSpec,
  VirtualMachineImportSpec,
} from "../../../schema/index.ts";
import { createImportSpec } from "../../../simulator/ovf/import-spec.ts";
import { findViolations } from "./conform.ts";

const NETWORK = { type: "Network", value: "HaNetwork-VM Network" };
export const LAB_NETWORK = { type: "Network", value: "HaNetwork-lab" };
export const HOST = {
  networks: [
    { name: "VM Network", moref: NETWORK },
    { name: "lab", moref: LAB_NETWORK },
  ],
  datastore: { name: "datastore1", moref: { type: "Datastore", value: "5f1e" } },
  maxHardwareVersion: 19,
  resourcePool: { type: "ResourcePool", value: "ha-root-pool" },
};

export function run(
  descriptor: string,
  params: Partial<OvfCreateImportSpecParams> = {},
  host: Parameters<typeof createImportSpec>[2] = HOST,
): OvfCreateImportSpecResult {
  const result = createImportSpec(
    descriptor,
    { locale: "", deploymentOption: "", entityName: "", ...params },
    host,
  );
  expect(findViolations(result, "OvfCreateImportSpecResult")).toEqual([]);
  return result;
}

/** The spec of a descriptor that is imported without an error. */
export function specOf(result: OvfCreateImportSpecResult): VirtualMachineConfigSpec {
  expect(result.error).toBeUndefined();
  const spec: VirtualMachineImportSpec | undefined =
    result.importSpec && "configSpec" in result.importSpec
      ? (result.importSpec as VirtualMachineImportSpec)
      : undefined;
  if (spec === undefined) throw new Error("The result has no spec");
  return spec.configSpec;
}

export function devicesOf(result: OvfCreateImportSpecResult): VirtualDevice[] {
  return (specOf(result).deviceChange ?? []).map(({ device }) => device);
}

/** Type and message of each error; there is neither spec nor file then. */
export function errorsOf(result: OvfCreateImportSpecResult): [string | undefined, string | undefined][] {
  expect([result.importSpec, result.fileItem]).toEqual([undefined, undefined]);
  return (result.error ?? []).map(({ fault, localizedMessage }) => [fault.$type, localizedMessage]);
}

export function warningsOf(result: OvfCreateImportSpecResult): [string | undefined, string | undefined][] {
  expect(result.error).toBeUndefined();
  return (result.warning ?? []).map(({ fault, localizedMessage }) => [fault.$type, localizedMessage]);
}

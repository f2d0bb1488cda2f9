import type { SimulatedVm } from "../../simulator/index.ts";

/** Those of a machine's network adapters, as its host has them. */
export function macAddressesOf({ config }: SimulatedVm): string[] {
  return (config.hardware.device ?? []).flatMap((device) =>
    "macAddress" in device && typeof device.macAddress === "string" ? [device.macAddress] : [],
  );
}

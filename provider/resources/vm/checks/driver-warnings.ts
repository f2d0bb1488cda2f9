import { insteadOf, type ParavirtualDevice } from "../../../host/vm/settings/guest-drivers.ts";
import type { Properties } from "../../frame/lifecycle.ts";

/**
 * Warnings for hardware for which the guest has no driver. The host accepts it, but the guest then finds no disk or no
 * network.
 *
 * @param makesNew Whether devices without a type are new. A new adapter is a vmxnet3. A new disk is on the first one's
 * controller, or on a pvscsi.
 */
export function driverWarnings(inputs: Properties, { makesNew }: { readonly makesNew: boolean }): string[] {
  const { guestId } = inputs;
  if (typeof guestId !== "string") return [];
  const warn = (path: string, device: ParavirtualDevice, what: string) => {
    const instead = insteadOf(device, guestId);
    if (instead === undefined) return [];
    return [
      `${path}: ${guestId} has no driver for ${device}, and finds no ${what}. Use "${instead}" instead.`,
    ];
  };
  const adapters = itemsOf(inputs.networkInterfaces).flatMap(({ adapterType }, index) => {
    const isVmxnet3 = adapterType === "vmxnet3" || (makesNew && adapterType === undefined);
    return isVmxnet3 ? warn(`networkInterfaces[${index}].adapterType`, "vmxnet3", "network") : [];
  });
  const wished = itemsOf(inputs.disks);
  // A new disk without a controller goes to that of the first disk. The first disk goes to a pvscsi.
  const usual = makesNew ? (wished[0]?.controller ?? "pvscsi") : undefined;
  const disks = wished.flatMap(({ controller = usual }, index) =>
    controller === "pvscsi" ? warn(`disks[${index}].controller`, "pvscsi", "disk there") : [],
  );
  return [...adapters, ...disks];
}

const itemsOf = (value: unknown): Properties[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];

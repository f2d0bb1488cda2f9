import type { OvaProblem } from "./choices.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { isFor } from "./properties.ts";

/** What the descriptor alone tells that a host refuses; the path is `ovaPath`. */
export function hardwareObstacles(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly OvaProblem[] {
  const option = deploymentOption || defaultOption(descriptor);
  const items = descriptor.items.filter((item) => isFor(item, option));
  return items.flatMap(({ name, open }) =>
    Object.entries(open).map(([field, value]) => ({
      path: "ovaPath",
      reason:
        `${field} of the hardware item ${JSON.stringify(name)} is ${value}: hosts take a property's value for the size ` +
        "of a disk only. Write the value itself into the descriptor, and remove its manifest",
    })),
  );
}

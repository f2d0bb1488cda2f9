import type { Shape } from "./project.ts";

/**
 * A floor of other inputs and outputs would be none.
 * @throws Error if the resources that do nothing have others than the real ones.
 */
export function refuseIfUnlike(real: Shape, doNothing: Shape): void {
  for (const [type, properties] of Object.entries(real)) {
    if (doNothing[type] === properties) continue;
    throw new Error(
      `A ${type} has\n  ${properties}\nand the one that does nothing has\n  ${doNothing[type]}: ` +
        "correct bench/program/do-nothing-provider.cjs.",
    );
  }
}

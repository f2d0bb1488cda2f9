import type { OvaProblem } from "../ova-problem.ts";
import type { Finding } from "../relax/finding.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import type { OvfHardwareItem } from "./hardware-items.ts";
import { disksInUse } from "./in-use.ts";
import { isFor } from "./properties.ts";

/** So many are named in messages. A list of hundreds helps nobody. */
const MOST_TOLD = 40;

/** The parts of the descriptor that a host refuses, as far as the descriptor alone shows it. The path is `ovaPath`. */
export function hardwareObstacles(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
  relax: boolean,
): readonly OvaProblem[] {
  const option = deploymentOption || defaultOption(descriptor);
  const items = descriptor.items.filter((item) => isFor(item, option));
  const refused = relax
    ? []
    : descriptor.findings.filter((finding) => isFor(finding, option) && finding.isRefused);
  const reasons = [
    ...(refused.length === 0 ? [] : [notForEsxi(refused)]),
    ...items.flatMap(openFields),
    ...disksInUse(descriptor, option).flatMap(({ problem }) => problem ?? []),
  ];
  return reasons.map((reason) => ({ path: "ovaPath", reason }));
}

/** The changes that `relax` makes to a descriptor, each as a sentence without its full stop. */
export function relaxations(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly string[] {
  const option = deploymentOption || defaultOption(descriptor);
  const changed = descriptor.findings.filter((finding) => isFor(finding, option));
  const told = changed
    .slice(0, MOST_TOLD)
    .map(({ line, what, change }) => `line ${line}: ${what}: ${change}`);
  const more = changed.length - told.length;
  return more > 0 ? [...told, `${more} more changes like these`] : told;
}

function openFields({ name, open }: OvfHardwareItem): readonly string[] {
  return Object.entries(open).map(
    ([field, value]) =>
      `${field} of the hardware item ${JSON.stringify(name)} is ${value}: hosts accept a property's value only for the size ` +
      "of a disk, and relax: true cannot know it. Write the value itself into the descriptor, and remove its manifest",
  );
}

/** All obstacles in one message, so that nobody has to repair one after the other. */
function notForEsxi(refused: readonly Finding[]): string {
  const told = refused.slice(0, MOST_TOLD).map(({ line, what }) => `${what} (line ${line})`);
  const more = refused.length > told.length ? [`and ${refused.length - told.length} more`] : [];
  return (
    `the OVF is not made for ESXi: ${[...told, ...more].join("; ")}. With relax: true all of this is changed for the ` +
    "host, as ovftool --lax does, and each change is reported"
  );
}

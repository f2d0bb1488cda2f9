import type { OvaProblem } from "./choices.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import type { OvfHardwareItem } from "./hardware-items.ts";
import { isFor } from "./properties.ts";

const STORAGE_CONTROLLER = "20";
const SOUND_CARD = "35";

/** What the descriptor alone tells that a host refuses; the path is `ovaPath`. */
export function hardwareObstacles(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
): readonly OvaProblem[] {
  const option = deploymentOption || defaultOption(descriptor);
  const items = descriptor.items.filter((item) => isFor(item, option));
  const reasons = [...foreignHardware(descriptor.families, items), ...items.flatMap(openFields)];
  return reasons.map((reason) => ({ path: "ovaPath", reason }));
}

function openFields({ name, open }: OvfHardwareItem): readonly string[] {
  return Object.entries(open).map(
    ([field, value]) =>
      `${field} of the hardware item ${JSON.stringify(name)} is ${value}: hosts take a property's value for the size ` +
      "of a disk only. Write the value itself into the descriptor, and remove its manifest",
  );
}

/** All that stands in the way of another maker's machine, in one message, so that nobody mends one thing after the other. */
function foreignHardware(families: readonly string[], items: readonly OvfHardwareItem[]): readonly string[] {
  const isForeign = families.length > 0 && !families.some((family) => /^vmx-\d+$/i.test(family));
  const sound = items.filter(({ resourceType, required }) => resourceType === SOUND_CARD && required);
  // As VirtualBox names it; whether a host knows that name is the host's to say, if it takes the family.
  const ahci = items.filter(
    ({ resourceType, subTypes }) =>
      isForeign && resourceType === STORAGE_CONTROLLER && subTypes.length === 1 && subTypes[0] === "ahci",
  );
  const obstacles = [
    ...(isForeign
      ? [
          {
            what: `its hardware is of the family ${families.join(", ")}, and a host takes only what begins with vmx-`,
            how: "set VirtualSystemType to vmx-13",
          },
        ]
      : []),
    ...ahci.map(({ name }) => ({
      what: `its SATA controller ${JSON.stringify(name)} is of the type AHCI, which VMware calls vmware.sata.ahci`,
      how: "set its ResourceSubType to vmware.sata.ahci",
    })),
    ...sound.map(({ name }) => ({
      what: `it needs the sound card ${JSON.stringify(name)}, which a host does not have`,
      how: 'remove the Item of the sound card, or give it ovf:required="false"',
    })),
  ];
  if (obstacles.length === 0) return [];
  return [
    `the OVF is not made for ESXi: ${obstacles.map(({ what }) => what).join("; ")}. Convert it with \`ovftool --lax\`, ` +
      `or edit its descriptor (${obstacles.map(({ how }) => how).join("; ")}) and remove its manifest`,
  ];
}

import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { partsOf } from "./entries.ts";

/**
 * First lines of user data that cloud-init understands. It ignores all other user data, with a line in its log.
 * @see https://docs.cloud-init.io/en/latest/explanation/format.html
 */
const HEADS = [
  ...["#cloud-config", "#cloud-boothook", "#cloud-config-archive", "#include", "#part-handler", "#!"],
  ...["## template: jinja", "Content-Type:", "MIME-Version:"],
];

/**
 * Warns about user data that cloud-init ignores. It is no error, because other programs may read `guestinfo.userdata`.
 */
export function documentWarnings({ cloudInit }: Properties): string[] {
  const { userData } = partsOf(cloudInit);
  if (typeof userData !== "string" || isUnknown(userData)) return [];
  if (HEADS.some((head) => userData.toLowerCase().startsWith(head.toLowerCase()))) return [];
  return [
    'cloudInit.userData: cloud-init ignores a text that begins like this one. Its first line must be "#cloud-config", ' +
      '"#!" with a program, or another head that cloud-init knows.',
  ];
}

/** Cloud-init refuses a network configuration without a version. It then sets up DHCP and reports nothing. */
export function networkConfigRules({ cloudInit }: Properties): CheckFailure[] {
  const { networkConfig } = partsOf(cloudInit);
  if (networkConfig === undefined || isUnknown(networkConfig) || hasVersion(networkConfig)) return [];
  return [
    {
      property: "cloudInit.networkConfig",
      reason: "must have a version, such as { version: 2, ethernets: { … } }: cloud-init takes no other",
    },
  ];
}

function hasVersion(config: unknown): boolean {
  if (typeof config === "string") return /(^|[\s{,"'])version["']?\s*:\s*["']?[12]/.test(config);
  const { version, network } = partsOf(config);
  return version !== undefined || partsOf(network).version !== undefined;
}

/** The advanced settings that a program writes itself, each with the name of the argument. */
export const advancedKeys = ({ guestInfo, extraConfig }: Properties) => [
  ...Object.keys(partsOf(guestInfo)).map((key) => ({
    key: `guestinfo.${key}`,
    property: `guestInfo.${key}`,
  })),
  ...Object.keys(partsOf(extraConfig)).map((key) => ({ key, property: `extraConfig.${key}` })),
];

/** Keys of the guest that two settings write. The host keeps one of the two values, and nobody can say which. */
export function keysSaidTwice(inputs: Properties): CheckFailure[] {
  const said = new Map<string, string>();
  const failures: CheckFailure[] = [];
  for (const { key, property } of advancedKeys(inputs)) {
    const first = said.get(key.toLowerCase());
    if (first === undefined) said.set(key.toLowerCase(), property);
    else
      failures.push({
        property,
        reason: `is the same key as ${first}: hosts ignore case in keys. Use one of the two`,
      });
  }
  return failures;
}

import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { partsOf } from "./entries.ts";

/**
 * How user data can begin that cloud-init does something with. It passes over everything else with a line in its log.
 * @see https://docs.cloud-init.io/en/latest/explanation/format.html
 */
const HEADS = [
  ...["#cloud-config", "#cloud-boothook", "#cloud-config-archive", "#include", "#part-handler", "#!"],
  ...["## template: jinja", "Content-Type:", "MIME-Version:"],
];

/** What cloud-init would do nothing with, told as a warning: other readers of `guestinfo.userdata` may want it so. */
export function documentWarnings({ cloudInit }: Properties): string[] {
  const { userData } = partsOf(cloudInit);
  if (typeof userData !== "string" || isUnknown(userData)) return [];
  if (HEADS.some((head) => userData.toLowerCase().startsWith(head.toLowerCase()))) return [];
  return [
    'cloudInit.userData: cloud-init does nothing with a text that begins so. Its first line must be "#cloud-config", ' +
      '"#!" with a program, or another head that cloud-init knows.',
  ];
}

/** A network configuration without a version is refused by cloud-init, which then sets up DHCP without a word. */
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

/** The advanced settings that a program writes itself, each with the property that says so. */
export const advancedKeys = ({ guestInfo, extraConfig }: Properties) => [
  ...Object.keys(partsOf(guestInfo)).map((key) => ({
    key: `guestinfo.${key}`,
    property: `guestInfo.${key}`,
  })),
  ...Object.keys(partsOf(extraConfig)).map((key) => ({ key, property: `extraConfig.${key}` })),
];

/** Keys of the guest that two settings write: the host keeps one of the two, and nobody could say which. */
export function keysSaidTwice(inputs: Properties): CheckFailure[] {
  const said = new Map<string, string>();
  const failures: CheckFailure[] = [];
  for (const { key, property } of advancedKeys(inputs)) {
    const first = said.get(key.toLowerCase());
    if (first === undefined) said.set(key.toLowerCase(), property);
    else
      failures.push({
        property,
        reason: `is the same key as ${first}: hosts do not tell case apart. Use one of the two`,
      });
  }
  return failures;
}

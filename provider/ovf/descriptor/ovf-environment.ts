import { escapeXml } from "../xml/xml.ts";
import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { GUEST_INFO_TRANSPORT } from "./ovf-transport.ts";
import { appliesTo, valueFor } from "./properties.ts";

/** The content of the environment document besides the descriptor's own values. */
export interface OvfEnvironmentOptions {
  /** The user's values by key. A property that is left out has the descriptor's default. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Default: the descriptor's default option. */
  readonly deploymentOption?: string | undefined;
  /** Version of the host, such as `8.0.3`. Default: left out. */
  readonly platformVersion?: string | undefined;
  /** Default: `en`. */
  readonly locale?: string | undefined;
  /** Whether to make a document although the descriptor needs none. Default false. */
  readonly isAsked?: boolean | undefined;
}

/**
 * The environment document of DSP0243, which a guest reads from `guestinfo.ovfEnv` or from a CD. It has every property
 * of the deployment option: the user's value, otherwise the descriptor's default, because no host fills those in.
 * @returns Undefined if the descriptor has no property under this option and does not ask for the guestInfo transport.
 * Then no guest looks for the document, unless the program asks for it.
 */
export function buildOvfEnvironment(
  descriptor: OvfDescriptor,
  options: OvfEnvironmentOptions = {},
): string | undefined {
  const option = options.deploymentOption || defaultOption(descriptor);
  const values = options.properties ?? {};
  const properties = descriptor.properties.filter((property) => appliesTo(property, option));
  const isNeeded = properties.length > 0 || descriptor.transports.includes(GUEST_INFO_TRANSPORT);
  if (!isNeeded && options.isAsked !== true) return undefined;
  const lines = properties.map((property) => {
    const value = valueFor(property, values, option);
    return `    <Property oe:key="${escapeXml(property.key)}" oe:value="${escapeXml(value)}"/>`;
  });
  const version = options.platformVersion;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"',
    '    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    '    xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"',
    '    xmlns:ve="http://www.vmware.com/schema/ovfenv"',
    `    oe:id="${escapeXml(descriptor.virtualSystem.id)}">`,
    "  <PlatformSection>",
    "    <Kind>VMware ESXi</Kind>",
    ...(version === undefined ? [] : [`    <Version>${escapeXml(version)}</Version>`]),
    "    <Vendor>VMware, Inc.</Vendor>",
    `    <Locale>${escapeXml(options.locale ?? "en")}</Locale>`,
    "  </PlatformSection>",
    ...(lines.length === 0 ? [] : ["  <PropertySection>", ...lines, "  </PropertySection>"]),
    "</Environment>",
    "",
  ].join("\n");
}

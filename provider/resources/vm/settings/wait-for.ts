import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { parseSubnet } from "../../../guest/subnet.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";

/** What to wait for before a create or update counts as done. Without these settings nothing is waited for. */
export interface WaitForArgs {
  /**
   * Wait until the guest reports an address of one of the VM's network adapters that is not link-local. Addresses of
   * bridges inside the guest, such as Docker's, do not count. Needs VMware Tools in the guest. Default false.
   */
  ip?: pulumi.Input<boolean> | undefined;
  /** Only an address of this network adapter counts, 0–9, in the order of `networkInterfaces`. Default: any adapter. */
  networkInterface?: pulumi.Input<number> | undefined;
  /** Only an address of this family counts. Default: either one, `ipv4` first. */
  family?: pulumi.Input<"ipv4" | "ipv6"> | undefined;
  /** Only an address in this subnet counts, `10.20.0.0/16` or `2001:db8::/64`. Default: any. */
  subnet?: pulumi.Input<string> | undefined;
  /** Wait until VMware Tools report that they run. Default false. */
  tools?: pulumi.Input<boolean> | undefined;
  /**
   * Wait until this TCP port (1–65535) accepts a connection, at the guest's present address. Waits for an address
   * first, as `ip` does. Default: none.
   */
  tcpPort?: pulumi.Input<number> | undefined;
  /**
   * Where the connection to the port comes from: this machine (`client`), or the ESXi host's shell over SSH (`host`),
   * for networks to which this machine has no route. Default `client`.
   */
  via?: pulumi.Input<"client" | "host"> | undefined;
  /**
   * Wait until a new VM switches itself off, as installers do at their end. `powerOn: true` then means `"once"`: the VM
   * stays off. Not allowed together with `ip`, `tools` or `tcpPort`. Default false.
   */
  poweredOff?: pulumi.Input<boolean> | undefined;
  /** How long to wait, in seconds, 1–86400. Default 300. The VM stays, and the next `pulumi up` waits again. */
  timeoutSeconds?: pulumi.Input<number> | undefined;
}

/**
 * The check of the setting `waitFor`.
 * @internal
 */
export const waitFor = v.optional(
  v.strictObject(
    {
      ip: v.optional(yesOrNo),
      networkInterface: v.optional(wholeNumber(0, 9, "")),
      family: v.optional(oneOf(["ipv4", "ipv6"])),
      subnet: v.optional(
        v.pipe(
          text,
          v.check(
            (value) => parseSubnet(value) !== undefined,
            "must be a subnet like 10.20.0.0/16 or 2001:db8::/64",
          ),
        ),
      ),
      tools: v.optional(yesOrNo),
      tcpPort: v.optional(wholeNumber(1, 65_535, "")),
      via: v.optional(oneOf(["client", "host"])),
      poweredOff: v.optional(yesOrNo),
      timeoutSeconds: v.optional(wholeNumber(1, 86_400, "seconds")),
    },
    unknownSetting,
  ),
);

const NARROW = ["networkInterface", "family", "subnet"] as const;

/**
 * Combinations of things to wait for that are not valid.
 * @internal
 */
export function waitForRules({ waitFor: wish, networkInterfaces, powerOn }: Properties): CheckFailure[] {
  if (typeof wish !== "object" || wish === null || isUnknown(wish)) return [];
  const { ip, tools, tcpPort, via, family, subnet, networkInterface, poweredOff } = wish as Properties;
  const failures: CheckFailure[] = [];
  const refuse = (key: string, reason: string) => failures.push({ property: `waitFor.${key}`, reason });
  if (poweredOff === true) {
    for (const [key, value] of Object.entries({ ip, tools, tcpPort })) {
      if (value === undefined || value === false) continue;
      refuse(key, "cannot be waited for together with poweredOff: a machine that is off has neither");
    }
    if (powerOn === false)
      refuse("poweredOff", "is not allowed with powerOn: false, because the VM is not started");
  }
  if (ip !== true && !isUnknown(ip) && tcpPort === undefined) {
    for (const key of NARROW) {
      if ((wish as Properties)[key] === undefined) continue;
      refuse(key, "says which address counts, but there is no wait for an address. Add ip: true or tcpPort");
    }
  }
  if (via !== undefined && tcpPort === undefined) {
    refuse("via", "says from where a port is tried, but there is no port. Add tcpPort");
  }
  if (typeof subnet === "string" && typeof family === "string" && parseSubnet(subnet)) {
    const has = subnet.includes(":") ? "ipv6" : "ipv4";
    if (has !== family) refuse("subnet", `has ${has} addresses, but family asks for ${family}`);
  }
  if (
    typeof networkInterface === "number" &&
    Array.isArray(networkInterfaces) &&
    networkInterface >= networkInterfaces.length
  ) {
    refuse(
      "networkInterface",
      `is ${networkInterface}, but networkInterfaces has ${networkInterfaces.length}, counted from 0`,
    );
  }
  return failures;
}

/**
 * A machine that is to switch itself off is started once. Somebody who waits for its end does not want the next run to
 * start it again.
 * @internal
 */
export function startedOnce(inputs: Properties): Properties {
  const { waitFor: wish, powerOn } = inputs;
  const ends = typeof wish === "object" && wish !== null && (wish as Properties).poweredOff === true;
  return ends && powerOn === true ? { ...inputs, powerOn: "once" } : inputs;
}

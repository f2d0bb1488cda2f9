import * as v from "valibot";
import { parseSubnet } from "../../../host/vm/reading/guest-addresses.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";

/** The setting `waitFor`. */
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

/** What of the things to wait for does not go together. */
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
    if (powerOn === false) refuse("poweredOff", "has no meaning with powerOn: false, which starts nothing");
  }
  if (ip !== true && !isUnknown(ip) && tcpPort === undefined) {
    for (const key of NARROW) {
      if ((wish as Properties)[key] === undefined) continue;
      refuse(key, "says which address is meant, and none is waited for. Add ip: true or tcpPort");
    }
  }
  if (via !== undefined && tcpPort === undefined) {
    refuse("via", "says from where a port is tried, and none is. Add tcpPort");
  }
  if (typeof subnet === "string" && typeof family === "string" && parseSubnet(subnet)) {
    const has = subnet.includes(":") ? "ipv6" : "ipv4";
    if (has !== family) refuse("subnet", `has ${has} addresses, and family asks for ${family}`);
  }
  if (
    typeof networkInterface === "number" &&
    Array.isArray(networkInterfaces) &&
    networkInterface >= networkInterfaces.length
  ) {
    refuse(
      "networkInterface",
      `counts from 0, and networkInterfaces has ${networkInterfaces.length} of them: there is no ${networkInterface}`,
    );
  }
  return failures;
}

/**
 * A machine that is to switch itself off is started once: whoever waits for its end does not want it started again by
 * the next run.
 */
export function startedOnce(inputs: Properties): Properties {
  const { waitFor: wish, powerOn } = inputs;
  const ends = typeof wish === "object" && wish !== null && (wish as Properties).poweredOff === true;
  return ends && powerOn === true ? { ...inputs, powerOn: "once" } : inputs;
}

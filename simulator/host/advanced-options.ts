/** OptionManager: the host's advanced options, of which clients read one. */
import { ADVANCED_OPTIONS } from "../core/ids.ts";
import type { Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";

export function advancedOptions({ options }: HostContext): Part {
  const sessionTimeout = {
    key: "Config.HostAgent.vmacore.soap.sessionTimeout",
    value: options.sessionIdleSeconds / 60,
  };
  return {
    objects: [
      { ref: ADVANCED_OPTIONS, readers: { supportedOption: () => [], setting: () => [sessionTimeout] } },
    ],
  };
}

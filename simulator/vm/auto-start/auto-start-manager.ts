/** HostAutoStartManager: which VMs start and stop with the host. */
import { MANAGERS } from "../../core/ids.ts";
import type { Part } from "../../handlers.ts";
import type { AutoStart } from "./auto-start.ts";

export function autoStartManager(autoStart: AutoStart): Part {
  return {
    objects: [{ ref: MANAGERS.autoStartManager, readers: { config: () => autoStart.config() } }],
    handlers: {
      ReconfigureAutostart: (_call, { spec }) => autoStart.reconfigure(spec),
      async AutoStartPowerOn() {
        await autoStart.powerOn();
      },
      AutoStartPowerOff: () => autoStart.powerOff(),
    },
  };
}

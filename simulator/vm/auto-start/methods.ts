/** HostAutoStartManager. */
import type { Host } from "../../host/host.ts";
import type { Handlers } from "../../soap/handlers.ts";

export function autoStartHandlers({ autoStart }: Host): Handlers {
  return {
    ReconfigureAutostart: (_call, { spec }) => autoStart.reconfigure(spec),
    async AutoStartPowerOn() {
      await autoStart.powerOn();
    },
    AutoStartPowerOff: () => autoStart.powerOff(),
  };
}

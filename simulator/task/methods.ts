/** Task and TaskManager. */
import type { Host } from "../host/host.ts";
import { notSupported } from "../soap/fault.ts";
import type { Handlers } from "../soap/handlers.ts";

export function taskHandlers(host: Host): Handlers {
  return {
    CancelTask: (call) => host.tasks.cancel(call.object.ref),
    SetTaskState: () => {
      throw notSupported();
    },
  };
}

/** ServiceInstance: the first object that clients read. */
import { serviceContent } from "../core/about.ts";
import { SERVICE_INSTANCE } from "../core/ids.ts";
import type { Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";

export function serviceInstance({ about }: HostContext): Part {
  return {
    objects: [
      {
        ref: SERVICE_INSTANCE,
        readers: {
          serverClock: () => new Date().toISOString(),
          capability: () => ({
            provisioningSupported: false,
            multiHostSupported: false,
            userShellAccessSupported: false,
          }),
          content: () => serviceContent(about),
        },
      },
    ],
    handlers: {
      RetrieveServiceContent: () => serviceContent(about),
      CurrentTime: () => new Date().toISOString(),
    },
  };
}

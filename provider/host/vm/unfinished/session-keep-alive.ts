import type { EsxiHost } from "../../esxi-host.ts";

const EVERY_MS = 5000;
const SERVICE_INSTANCE = { type: "ServiceInstance", value: "ServiceInstance" };

const beating = new WeakMap<EsxiHost, { users: number; timer: NodeJS.Timeout }>();

/**
 * Calls the host every few seconds while the work goes on. All work on one host shares the call. Another run of
 * Pulumi takes a process that does not call for long for dead, and clears away what it has begun.
 */
export async function withKeepAlive<T>(host: EsxiHost, work: () => Promise<T>): Promise<T> {
  const beat = beating.get(host) ?? {
    users: 0,
    timer: setInterval(() => {
      // The work itself finds out if the host is gone.
      host.client.call(SERVICE_INSTANCE, "CurrentTime", {}).catch(() => {});
    }, EVERY_MS),
  };
  beat.users++;
  beating.set(host, beat);
  try {
    return await work();
  } finally {
    beat.users--;
    if (beat.users === 0) {
      clearInterval(beat.timer);
      beating.delete(host);
    }
  }
}

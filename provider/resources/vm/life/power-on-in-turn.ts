import type { ManagedObjectReference } from "../../../../schema/index.ts";
import type { EsxiHost } from "../../../host/esxi-host.ts";
import type { Context } from "../../frame/lifecycle.ts";

/**
 * Powers a machine on as soon as its host may boot one more guest. That wait depends on other machines, so it does
 * not count against this machine's time limit.
 */
export async function powerOnInTurn(
  host: EsxiHost,
  vm: ManagedObjectReference,
  powerOn: () => Promise<void>,
  { progress, signal, pauseLimit }: Context,
): Promise<void> {
  if (host.boots === undefined) return powerOn();
  const goOn = pauseLimit?.();
  const work = () => {
    goOn?.();
    return powerOn();
  };
  const onWait = (booting: string) => progress.status(`waits to boot: ${booting} of ${host.name} boot`);
  try {
    await host.boots.powerOn(vm, work, { signal, onWait });
  } finally {
    goOn?.();
  }
}

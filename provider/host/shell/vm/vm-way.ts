import type { EsxiHost } from "../../esxi-host.ts";
import { removeUnfinished } from "../../vm/unfinished/remove-unfinished.ts";
import { apiControl, type VmControl } from "../../vm/vm-control.ts";
import { chooseTransport, type Transport } from "../choose-transport.ts";
import { shellOf } from "../host-shell.ts";

/** The way to change machines of a host. */
export interface VmWay {
  readonly transport: Transport;
  readonly control: VmControl;
  /** Removes an unfinished machine that is powered off, with everything that belongs to it. */
  removeUnfinished(...args: Parameters<Remove>): ReturnType<Remove>;
}

type Remove = (vm: Parameters<VmControl["destroy"]>[0], signal: AbortSignal) => Promise<void>;

/**
 * The one way for all changes of machines on a host: the API, or the shell if it was asked for or if the licence allows
 * nothing else.
 */
export async function vmWay(host: EsxiHost, asked: Transport | "auto" = host.transport): Promise<VmWay> {
  const transport = await chooseTransport(host, asked);
  if (transport === "api") {
    const remove: Remove = (vm, signal) => removeUnfinished(host, vm.ref, signal);
    return { transport, control: apiControl(host), removeUnfinished: remove };
  }
  // Most runs never need it.
  const { sshControl } = await import("./ssh-control.ts");
  const control = sshControl(host, await shellOf(host).open());
  return { transport, control, removeUnfinished: (vm, signal) => control.destroy(vm, signal) };
}

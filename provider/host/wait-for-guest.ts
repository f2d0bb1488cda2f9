import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import { defaultAddress, guestAddresses, type ObservedVm } from "./observed-vm.ts";

/** What a guest must have before it counts as ready. */
export interface GuestWish {
  readonly ip?: boolean | undefined;
  readonly tools?: boolean | undefined;
  readonly tcpPort?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
}

const DEFAULT_TIMEOUT_SECONDS = 300;
const CONNECT_TIMEOUT_MS = 3000;
const CONNECT_PAUSE_MS = 1000;

/**
 * Waits until the guest has what is wished for; the host tells when something changes, only a TCP port must be tried.
 * @throws HostError when the time is over, with what was missing.
 */
export async function waitForGuest(
  host: EsxiHost,
  vm: ObservedVm,
  wish: GuestWish,
  options: { readonly signal: AbortSignal; readonly onStatus: (text: string) => void },
): Promise<void> {
  const needsAddress = wish.ip === true || wish.tcpPort !== undefined;
  if (!needsAddress && wish.tools !== true) return;
  const seconds = wish.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const patience = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([options.signal, patience]);
  let missing = wish.tools ? "running VMware Tools" : "an address";
  try {
    options.onStatus(`waiting for ${missing}`);
    const address = await host.client.updates.watch(
      vm.ref,
      "VirtualMachine",
      ["guest.net", "guest.ipAddress", "guest.toolsRunningStatus"],
      (values) => {
        const tools = values["guest.toolsRunningStatus"] === "guestToolsRunning";
        const found = defaultAddress(guestAddresses(values["guest.net"], values["guest.ipAddress"]));
        missing = wish.tools && !tools ? "running VMware Tools" : "an address";
        return (!wish.tools || tools) && (!needsAddress || found !== undefined) ? (found ?? "") : undefined;
      },
      signal,
    );
    if (wish.tcpPort === undefined) return;
    missing = `an answer at ${address}:${wish.tcpPort}`;
    options.onStatus(`waiting for ${missing}`);
    while (!(await accepts(address, wish.tcpPort, signal)))
      await setTimeout(CONNECT_PAUSE_MS, undefined, { signal });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!patience.aborted) throw error;
    throw new HostError(
      `${host.name}: "${vm.name}" runs, but did not have ${missing} within ${seconds} s (waitFor). ` +
        "The VM is kept; `pulumi up` waits again. Does the guest have VMware Tools and a network that gives addresses?",
      { cause: error },
    );
  }
}

/** True if something at that address and port accepts a connection from here. */
function accepts(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: CONNECT_TIMEOUT_MS, signal });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("timeout", end(false)).once("error", end(false));
  });
}

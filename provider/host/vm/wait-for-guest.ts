import { pauseFor } from "../../pause.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { shellOf } from "../shell/host-shell.ts";
import { type AddressWish, addressOf } from "./reading/guest-addresses.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";
import { acceptsFromHere, acceptsFromHost } from "./tcp-port.ts";
import { waitUntilOff } from "./vm-power.ts";

/** What a guest must have before it counts as ready. */
export interface GuestWish extends AddressWish {
  readonly ip?: boolean | undefined;
  readonly tools?: boolean | undefined;
  readonly tcpPort?: number | undefined;
  /** Where the connection to the port comes from. Default: from this machine. */
  readonly via?: "client" | "host" | undefined;
  /** Whether the machine must have switched itself off. */
  readonly poweredOff?: boolean | undefined;
  readonly timeoutSeconds?: number | undefined;
}

interface WaitOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
}

const DEFAULT_TIMEOUT_SECONDS = 300;
const CONNECT_PAUSE_MS = 1000;
const TOOLS = "running VMware Tools";
const GUEST_PATHS = ["guest.net", "guest.ipAddress", "guest.toolsRunningStatus"] as const;

/**
 * Waits until the guest has everything that is asked for. The host tells when something changes. Only a TCP port must
 * be tried, each time at the guest's present address.
 * @throws HostError when the time is over, with what was missing.
 */
export async function waitForGuest(
  host: EsxiHost,
  vm: ObservedVm,
  wish: GuestWish,
  options: WaitOptions,
): Promise<void> {
  const needsAddress = wish.ip === true || wish.tcpPort !== undefined;
  if (!needsAddress && wish.tools !== true && wish.poweredOff !== true) return;
  const seconds = wish.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const patience = AbortSignal.timeout(seconds * 1000);
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, patience, done.signal]);
  let missing = "";
  const miss = (what: string) => {
    if (missing !== what) options.onStatus(`waiting for ${what}`);
    missing = what;
  };
  try {
    if (wish.poweredOff) await waitForOff(host, vm, miss, signal);
    else await waitForReady(host, vm, wish, miss, signal);
  } catch (error) {
    options.signal.throwIfAborted();
    if (!patience.aborted) throw error;
    throw new HostError(`${host.name}: ${tooLate(vm, wish, missing, seconds)}`, { cause: error });
  } finally {
    done.abort();
  }
}

async function waitForOff(
  host: EsxiHost,
  vm: ObservedVm,
  miss: (what: string) => void,
  signal: AbortSignal,
): Promise<void> {
  miss("the machine to switch itself off");
  await waitUntilOff(host, vm.ref, signal);
}

async function waitForReady(
  host: EsxiHost,
  vm: ObservedVm,
  wish: GuestWish,
  miss: (what: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const needsAddress = wish.ip === true || wish.tcpPort !== undefined;
  const { tcpPort } = wish;
  const accepts = wish.via === "host" ? acceptsFromHost(await shellOf(host).open()) : acceptsFromHere;
  let address: string | undefined;
  const look = (isEnough: (isReady: boolean) => boolean): Promise<true> =>
    host.client.updates.watch(
      vm.ref,
      "VirtualMachine",
      GUEST_PATHS,
      (values) => {
        const runs = values["guest.toolsRunningStatus"] === "guestToolsRunning";
        const network = { nics: values["guest.net"], primary: values["guest.ipAddress"] };
        address = addressOf(network, vm.devices, wish);
        const isReady = (!wish.tools || runs) && (!needsAddress || address !== undefined);
        if (!isReady) miss(wish.tools && !runs ? TOOLS : addressText(wish));
        return isEnough(isReady) || undefined;
      },
      signal,
    );
  miss(wish.tools ? TOOLS : addressText(wish));
  await look((isReady) => isReady);
  if (tcpPort === undefined) return;
  const answer = async () => {
    for (;;) {
      if (address !== undefined) {
        miss(`an answer at ${address}:${tcpPort}`);
        if (await accepts(address, tcpPort, signal)) return;
      }
      await pauseFor(CONNECT_PAUSE_MS, signal);
    }
  };
  // The guest may get another address while it starts.
  await Promise.race([answer(), look(() => false)]);
}

const addressText = ({ networkInterface, family, subnet }: AddressWish): string => {
  const kind = family === undefined ? "an address" : `an ${family === "ipv4" ? "IPv4" : "IPv6"} address`;
  const where = subnet === undefined ? "" : ` in ${subnet}`;
  const whose = networkInterface === undefined ? "" : ` of network adapter ${networkInterface}`;
  return `${kind}${where}${whose}`;
};

function tooLate(vm: ObservedVm, wish: GuestWish, missing: string, seconds: number): string {
  const again = "The VM is kept, and the next `pulumi up` waits again.";
  if (wish.poweredOff) {
    return `"${vm.name}" did not switch itself off within ${seconds} s (waitFor). ${again}`;
  }
  return (
    `"${vm.name}" runs, but did not have ${missing} within ${seconds} s (waitFor). ` +
    `${again} Does the guest have VMware Tools and a network that gives addresses?`
  );
}

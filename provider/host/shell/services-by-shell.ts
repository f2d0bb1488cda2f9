import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { readServices, type Services, type ServiceWish } from "../services.ts";
import { confirmed } from "./confirmed.ts";
import { SSH_SERVICE } from "./ssh-service.ts";

type Service = Services["all"][number];

/** Services with commands, by key and label, with the last part of their names in `vim-cmd`. */
const COMMANDS = [
  { key: SSH_SERVICE, label: "SSH", name: "ssh" },
  { key: "TSM", label: "ESXi Shell", name: "esx_shell" },
];
const NTP = { key: "ntpd", label: "NTP Daemon" };

/**
 * A setting of a service that no command can make, and why, as the end of a sentence. Undefined if commands can make
 * all.
 */
export function noCommandFor(
  service: string,
  { running, policy }: ServiceWish,
): { readonly property: "service" | "running" | "policy"; readonly why: string } | undefined {
  const isCalled = ({ key, label }: { readonly key: string; readonly label: string }) =>
    [key, label].some((one) => one.toLowerCase() === service.toLowerCase());
  const isNtp = isCalled(NTP);
  if (!isNtp && !COMMANDS.some(isCalled))
    return { property: "service", why: "there are commands for SSH, the ESXi shell and ntpd only" };
  if (policy === "automatic") return { property: "policy", why: "no command sets the policy automatic" };
  const [ssh] = COMMANDS;
  if (running === false && ssh && isCalled(ssh))
    return {
      property: "running",
      why: "the host is changed through the SSH service that would be stopped",
    };
  if (isNtp && running !== undefined && policy !== undefined && running !== (policy === "on"))
    return { property: "policy", why: "the command for ntpd starts it now and with the host, or neither" };
  return undefined;
}

/** Changes what differs. @throws HostError before anything is changed, if no command can make a setting. */
export async function setServiceByShell(
  host: EsxiHost,
  shell: EsxiShell,
  service: Service,
  wish: ServiceWish,
  signal: AbortSignal,
): Promise<void> {
  const { key, label } = service;
  const { running, policy } = differing(service, wish);
  if (running === undefined && policy === undefined) return;
  const problem = noCommandFor(key, { running, policy });
  if (problem)
    throw new HostError(
      `${host.name}: the service "${label}" cannot be changed over SSH: ${problem.why}. Nothing was changed.`,
    );
  const now = async () => (await readServices(host))?.all.find((one) => one.key === key);
  const change = (
    what: string,
    run: (limit: AbortSignal) => Promise<unknown>,
    isDone: (one: Service) => boolean,
  ) =>
    confirmed(host, {
      what: `${what} the service "${label}"`,
      write: run,
      look: async () => {
        const seen = await now();
        return (seen && isDone(seen)) || undefined;
      },
      signal,
    });
  const named = COMMANDS.find((one) => one.key === key);
  if (named === undefined) {
    const enabled = running ?? policy === "on";
    await change(
      enabled ? "enable" : "disable",
      (limit) => shell.esxcli(["system", "ntp", "set", `--enabled=${enabled}`], limit),
      (one) => Object.values(differing(one, { running, policy })).every((left) => left === undefined),
    );
    return;
  }
  if (policy !== undefined) {
    const verb = policy === "on" ? "enable" : "disable";
    await change(
      verb,
      (limit) => shell.vimCmd([`hostsvc/${verb}_${named.name}`], limit),
      (one) => one.policy === policy,
    );
  }
  if (running !== undefined) {
    const verb = running ? "start" : "stop";
    await change(
      verb,
      (limit) => shell.vimCmd([`hostsvc/${verb}_${named.name}`], limit),
      (one) => one.running === running,
    );
  }
}

const differing = (now: Service, { running, policy }: ServiceWish): ServiceWish => ({
  running: running === now.running ? undefined : running,
  policy: policy === now.policy ? undefined : policy,
});

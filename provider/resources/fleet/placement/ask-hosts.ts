import type { EsxiHost } from "../../../host/esxi-host.ts";
import { hostProblem } from "../../frame/host-problem.ts";
import type { Context } from "../../frame/lifecycle.ts";
import { lookForMachines, type NamedMachine, type SeenOnHost } from "./seen-machines.ts";

/** A host, by its name in `esxi:hosts`, that could not be asked, and why. */
interface HostProblem {
  readonly host: string | undefined;
  readonly reason: string;
  /** True if the configuration is wrong. The host was not even asked then. */
  readonly isConfigured: boolean;
}

/** The answers of a fleet's hosts. */
export interface Asked {
  readonly seen: ReadonlyMap<string | undefined, SeenOnHost>;
  readonly problems: readonly HostProblem[];
}

export const NOBODY_ASKED: Asked = { seen: new Map(), problems: [] };

/**
 * Asks each host once, all at the same time.
 * @param machinesOn The fleet's machines, with their names on that host.
 * @param templates Names of machines whose memory does not count.
 */
export async function askHosts(
  hosts: Iterable<string | undefined>,
  machinesOn: (host: string | undefined) => readonly NamedMachine[],
  templates: ReadonlySet<string>,
  urn: string,
  context: Context,
): Promise<Asked> {
  const seen = new Map<string | undefined, SeenOnHost>();
  const problems: HostProblem[] = [];
  await Promise.all(
    [...new Set(hosts)].map(async (name) => {
      const wrong = hostProblem(name, context)[0];
      if (wrong !== undefined) {
        problems.push({ host: name, reason: wrong.reason, isConfigured: false });
        return;
      }
      try {
        const host: EsxiHost = context.host(name);
        seen.set(name, await lookForMachines(host, machinesOn(name), templates, urn));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        problems.push({ host: name, reason: error.message, isConfigured: true });
      }
    }),
  );
  return { seen, problems };
}

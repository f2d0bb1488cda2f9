import { askedTransport, chooseTransport } from "../../../host/shell/transport.ts";
import type { Context, DiffResult, Properties } from "../../frame/lifecycle.ts";
import { changesPlace } from "../place/move-vm.ts";
import type { SettingChange } from "../settings/setting.ts";
import { diffVm } from "./vm-diff.ts";

const SILENT = { status: () => {}, info: () => {}, warn: () => {} };

/**
 * As {@link diffVm}, which is told whether the change goes over SSH: then the machine must be off for what the API changes
 * while it runs, and goes to no other place. The host is asked only if there is a change.
 */
export async function diffByWay(
  olds: Properties,
  news: Properties,
  context: Context,
  further: Readonly<Record<string, SettingChange>> = {},
): Promise<DiffResult> {
  const { progress, isRefresh, isGone } = context;
  const diff = (say: Context["progress"], isBySsh: boolean) =>
    diffVm(olds, news, { progress: say, isRefresh, isGone, isBySsh }, further);
  const matters = olds.powerState !== "poweredOff" || changesPlace(olds, news);
  const isChange = matters && isRefresh !== true && diff(SILENT, false).changes;
  return diff(progress, isChange && (await goesOverSsh(olds, news, context)));
}

/** False while nobody can say: the host may be unknown yet, or away. */
async function goesOverSsh(
  olds: Properties,
  { transport }: Properties,
  context: Pick<Context, "host" | "checkHost">,
): Promise<boolean> {
  try {
    const host = context.host(typeof olds.host === "string" ? olds.host : undefined);
    const asked = askedTransport(transport) ?? host.transport;
    if (asked === "auto" && context.checkHost === false) return false;
    return (await chooseTransport(host, asked)) === "ssh";
  } catch {
    return false;
  }
}

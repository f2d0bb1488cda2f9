import { askedTransport, chooseTransport } from "../../../host/shell/choose-transport.ts";
import type { Context, DiffResult, Properties } from "../../frame/lifecycle.ts";
import { changesPlace } from "../place/move-vm.ts";
import type { SettingChange } from "../settings/setting.ts";
import { type DiffContext, diffVm } from "./vm-diff.ts";

const SILENT = { status: () => {}, info: () => {}, warn: () => {} };

/**
 * As {@link diffVm}, which is told whether the change goes over SSH. Over SSH the machine must be off for changes that
 * the API makes while it runs, and it cannot go to another place. The host is asked only if there is a change.
 */
export async function diffByWay(
  olds: Properties,
  news: Properties,
  context: Context,
  further: Readonly<Record<string, SettingChange>> = {},
): Promise<DiffResult> {
  const { progress, isRefresh = false, isGone } = context;
  const diff = (say: Context["progress"], way: Pick<DiffContext, "isBySsh" | "growsHot">) =>
    diffVm(olds, news, { progress: say, isRefresh, isGone, ...way }, further);
  const matters = olds.powerState !== "poweredOff" || changesPlace(olds, news);
  const isChange = matters && isRefresh !== true && diff(SILENT, {}).changes;
  return diff(progress, isChange ? await wayOfChange(olds, news, context) : {});
}

/** Undefined while nobody can say: the host may not be known yet, or may be away. */
async function wayOfChange(
  olds: Properties,
  { transport }: Properties,
  context: Pick<Context, "host" | "checkHost">,
): Promise<Pick<DiffContext, "isBySsh" | "growsHot">> {
  try {
    const host = context.host(typeof olds.host === "string" ? olds.host : undefined);
    const asked = askedTransport(transport) ?? host.transport;
    if (asked === "auto" && context.checkHost === false) return {};
    return { isBySsh: (await chooseTransport(host, asked)) === "ssh", growsHot: host.sshHotChanges };
  } catch {
    return {};
  }
}

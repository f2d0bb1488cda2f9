import { describeSettings, type SettingRules } from "../inputs/setting-diff.ts";
import type { Context, DiffResult, Properties } from "./lifecycle.ts";
import { isLeftUnfinished } from "./state.ts";

/** What a diff has found. */
interface Found {
  readonly olds: Properties;
  readonly news: Properties;
  readonly rules: SettingRules;
  /** Settings that differ. */
  readonly changed: readonly string[];
  /** Settings for which the resource must be made anew. */
  readonly replaces: readonly string[];
}

/**
 * The answer to a diff. In a refresh, the resource's row says what was changed on the host. Otherwise it says what the
 * change does.
 *
 * @param tell Says what the change does.
 */
export function toldDiff(
  { olds, news, rules, changed, replaces }: Found,
  { progress, isRefresh = false }: Pick<Context, "progress" | "isRefresh">,
  tell: () => void,
): DiffResult {
  const resumes = isLeftUnfinished(olds);
  if (!isRefresh) {
    tell();
    if (resumes && replaces.length === 0) progress.info("go on with what an earlier run did not finish");
  } else if (changed.length > 0) {
    progress.info(`changed on the host: ${describeSettings(changed, news, olds, rules)}`);
  }
  return { changes: resumes || changed.length > 0, replaces: [...replaces], deleteBeforeReplace: true };
}

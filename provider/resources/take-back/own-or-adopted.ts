import { type Found, takeOver } from "../frame/adopt.ts";
import type { Job } from "../frame/host-resource.ts";
import type { Properties } from "../frame/lifecycle.ts";
import { changedSettings, describeSettings } from "../inputs/setting-diff.ts";
import { type Bearing, whyNotOurs } from "./whose.ts";

/**
 * What becomes of something that a create finds under the name that it wants: it is this resource's own by its mark, or
 * it is adopted as it is if the program says so.
 *
 * @param replacing Settings that only a new one can change.
 * @throws HostError for anything else, which is left alone.
 */
export async function ownOrAdopted(
  job: Job,
  settings: Properties,
  found: Found,
  bearing: Bearing,
  replacing: readonly string[],
): Promise<"own" | "adopted"> {
  const { now, rules, what } = found;
  const onlyNew = changedSettings(replacing, now, settings, rules);
  const told = describeSettings(onlyNew, now, settings, rules);
  const why = await whyNotOurs(job, what, told, bearing);
  if (why === undefined) return "own";
  takeOver(job.host, settings, { ...found, why });
  return "adopted";
}

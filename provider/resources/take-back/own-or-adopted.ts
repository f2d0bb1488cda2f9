import { type Found, takeOver } from "../frame/adopt.ts";
import type { Job } from "../frame/host-resource.ts";
import type { Properties } from "../frame/lifecycle.ts";
import { changedSettings, describeSettings } from "../inputs/setting-diff.ts";
import { type Bearing, whyNotOurs } from "./whose.ts";

/**
 * Decides what a create does with something that bears the name it wants. Either the mark says that it is this
 * resource's own, or the program says that it is to be adopted as it is.
 *
 * @param replacing Settings that only a new one can change.
 * @throws HostError for anything else. It is left alone.
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

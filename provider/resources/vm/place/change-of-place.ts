import { HostError } from "../../../host/host-error.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";

/** Settings that say where on its host a machine is. The others of {@link PLACE_KEYS} say on which host. */
const ON_ITS_HOST: readonly string[] = ["datastore", "folder"];

const PLACE_KEYS: readonly string[] = ["host", ...ON_ITS_HOST];

/** True for a setting that a machine follows on its host. */
export const isPlace = (key: string): boolean => ON_ITS_HOST.includes(key);

/**
 * Refuses a replacement that comes with another place, unless the program allows it. People call that a move, and do
 * not expect to lose what is on the disks.
 *
 * @throws HostError with what to do.
 */
export function refuseReplacement(
  replaces: readonly string[],
  changed: readonly string[],
  olds: Properties,
  news: Properties,
): void {
  const places = changed.filter((key) => PLACE_KEYS.includes(key));
  if (replaces.length === 0 || places.length === 0) return;
  if (news.allowReplace === true || [news.allowReplace, ...places.map((key) => news[key])].some(isUnknown))
    return;
  const from = places.map((key) => `${key} ${shown(olds[key])} → ${shown(news[key])}`).join(", ");
  throw new HostError(
    `"${String(olds.name)}" cannot be moved (${from}): ${whyNot(places, olds)}. Only a new machine can be there, and the old ` +
      "one would be deleted with its disks and all that is on them. Nothing was changed. If that may go, set allowReplace: " +
      `true; else leave ${places.map((key) => `\`${key}\``).join(" and ")} as before.`,
  );
}

function whyNot(places: readonly string[], olds: Properties): string {
  if (places.includes("host")) return "no machine is moved from one host to another";
  if (olds.mode === "linked") return "it is a linked clone, whose disks build on those of its source";
  return "something else of this change replaces it";
}

/** What a change of place does to a machine that can follow it. Undefined if there is none. */
export function describeMove(
  keys: readonly string[],
  olds: Properties,
  news: Properties,
): string | undefined {
  const parts = keys
    .filter(isPlace)
    .map((key) => (isUnknown(news[key]) ? `another ${key}` : `${key} "${String(news[key])}"`));
  if (parts.length === 0) return undefined;
  const from = keys.includes("datastore") ? ` from "${String(olds.datastore)}"` : "";
  return `move to ${parts.join(", ")}${from}`;
}

/** @throws HostError for a machine that would have to go to another place of its host, and is changed over SSH. */
export function refuseMoveOverSsh(changed: readonly string[], olds: Properties, news: Properties): void {
  if (changed.some((key) => isPlace(key) && !isUnknown(news[key]))) throw new HostError(overSsh(olds));
}

/** Why a machine stays where it is that may only be changed over SSH. */
export const overSsh = ({ name, vmxPath }: Properties): string =>
  `"${String(name)}" (${String(vmxPath)}) cannot be moved over SSH: its files would have to be copied and registered through ` +
  "the API, which this licence, or `transport`, rules out. Leave `datastore` and `folder` as they were. Nothing was changed.";

const shown = (value: unknown): string => (value === undefined ? "unset" : `"${String(value)}"`);

import * as v from "valibot";
import { byNames, name, oneOf, text, unknownSetting, wholeNumber } from "../../inputs/setting-forms.ts";
import { distinctKeys } from "../distinct-keys.ts";
import { placeId } from "./place-id.ts";

const above0 = (most: number) =>
  v.pipe(
    v.number("must be a number"),
    v.gtValue(0, "must be above 0"),
    v.maxValue(most, `must be at most ${most}`),
  );

const MOST_MACHINES = 100_000;
const MOST_MEMORY_MB = 1024 ** 3;
const memory = wholeNumber(4, MOST_MEMORY_MB, "MB");
const pattern = v.pipe(name, v.includes("%s", "must have %s as the place of the key"));

const place = v.strictObject(
  {
    host: v.optional(name),
    datastore: v.optional(name),
    weight: v.optional(above0(1000), 1),
    maxMachines: v.optional(wholeNumber(0, MOST_MACHINES, "machines"), MOST_MACHINES),
    maxMemory: v.optional(wholeNumber(0, MOST_MEMORY_MB, "MB"), MOST_MEMORY_MB),
    mode: v.optional(oneOf(["open", "closed", "evacuate"]), "open"),
  },
  unknownSetting,
);

/** The arguments of a Placement. */
export const placementSchema = v.strictObject(
  {
    keys: distinctKeys,
    machines: v.optional(
      byNames(
        v.strictObject({ memory: v.optional(memory), place: v.optional(name) }, unknownSetting),
        "{ bob: { memory: 4096 } }",
      ),
      {},
    ),
    places: v.pipe(
      v.array(place, "must be a list of places"),
      v.nonEmpty("must name a place"),
      v.check(
        (places) => new Set(places.map(placeId)).size === places.length,
        "must not name a place twice. Give it a weight instead",
      ),
    ),
    by: v.optional(oneOf(["memory", "count"]), "memory"),
    memory: v.optional(memory, 2048),
    overcommit: v.optional(above0(100), 1),
    diskSpace: v.optional(
      v.pipe(v.number("must be a number (GB)"), v.minValue(0, "must be at least 0 GB")),
      2,
    ),
    keepFree: v.optional(wholeNumber(0, 99, "percent"), 10),
    namePattern: v.optional(pattern, "%s"),
    names: v.optional(byNames(name, '{ alice: "…" }'), {}),
    templates: v.optional(v.array(name, "must be a list of names"), []),
    formerly: v.optional(byNames(text, '{ alice: "3" }'), {}),
  },
  unknownSetting,
);

export type PlacementSettings = v.InferOutput<typeof placementSchema>;

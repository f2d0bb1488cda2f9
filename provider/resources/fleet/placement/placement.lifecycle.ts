import type { EsxiHost } from "../../../host/esxi-host.ts";
import type { CheckFailure, Context, Lifecycle, Properties } from "../../frame/lifecycle.ts";
import { UNKNOWN } from "../../inputs/check-inputs.ts";
import { decidedInCheck } from "../decided-in-check.ts";
import { ownEntry } from "../own-entry.ts";
import { type Asked, askHosts, NOBODY_ASKED } from "./ask-hosts.ts";
import { assignPlaces, type MachineToPlace, type PlaceState } from "./assign-places.ts";
import { placeId } from "./place-id.ts";
import { type PlacementSettings, placementSchema } from "./placement-schema.ts";
import { homelessText, placementNews } from "./placement-texts.ts";
import { memoryPlannedByOthers, planMemory } from "./planned-memory.ts";

type Place = PlacementSettings["places"][number];

interface Job {
  readonly context: Context;
  readonly urn: string;
}

const BYTES_IN_GB = 1024 ** 3;

/** The lifecycle of {@link Placement}, in the dynamic-provider process. */
export const placement: Lifecycle = decidedInCheck({
  schema: placementSchema,
  decided: ["assigned"],
  kept: [],
  async decide(asked, olds, job) {
    const settings = withoutLost(asked, job);
    const before = placesIn(olds.assigned);
    const keepsPlace = settings.keys.every((key) => keptPlace(settings, before, key) !== undefined);
    const hosts = keepsPlace ? NOBODY_ASKED : await ask(settings, before, job);
    const wrong = [...wrongPins(settings), ...unanswered(settings, hosts, before, job)];
    if (wrong.length > 0)
      return { decided: { assigned: olds.assigned ?? UNKNOWN }, news: "", failures: wrong };

    const machines = settings.keys.map((key) => machineOf(key, settings, before, hosts));
    const places = settings.places.map((place) => stateOf(place, settings, hosts, job));
    const result = assignPlaces(machines, places, settings.by);
    notePlan(settings, machines, result.placeOf, job);
    const failures = result.homeless.length === 0 ? [] : [homeless(homelessText(result, places, machines))];
    const assigned = textOf(result.placeOf, settings.keys);
    return { decided: { assigned }, news: placementNews(result.placeOf, before, places, machines), failures };
  },
});

const homeless = (reason: string): CheckFailure => ({ property: "places", reason });

/** A host that is lost for good is evacuated, with a warning. */
function withoutLost(settings: PlacementSettings, { context }: Job): PlacementSettings {
  const isLost = ({ host }: Place) => context.isGone?.(host) === true;
  const lost = settings.places.filter(isLost).map(placeId);
  if (lost.length > 0) {
    context.progress.warn(
      `lost for good: ${lost.join(", ")}. Machines that were there are made anew elsewhere, without the content of their disks. Then take the place out of places`,
    );
  }
  const places = settings.places.map((place) =>
    isLost(place) ? { ...place, mode: "evacuate" as const } : place,
  );
  return { ...settings, places };
}

/** The place in which a machine stays, without asking a host. */
function keptPlace(
  settings: PlacementSettings,
  before: ReadonlyMap<string, string>,
  key: string,
): string | undefined {
  const last = before.get(key) ?? before.get(ownEntry(settings.formerly, key) ?? key);
  const place = settings.places.find((one) => placeId(one) === last);
  const pinned = ownEntry(settings.machines, key)?.place ?? last;
  return place !== undefined && place.mode !== "evacuate" && pinned === last ? last : undefined;
}

function ask(
  settings: PlacementSettings,
  before: ReadonlyMap<string, string>,
  { context, urn }: Job,
): Promise<Asked> {
  const hosts = settings.places.filter(({ mode }) => mode !== "evacuate").map(({ host }) => host);
  const machinesOn = (host: string | undefined) => {
    const here = new Set(settings.places.filter((place) => place.host === host).map(placeId));
    return settings.keys.flatMap((key) => {
      const isPlacedHere = here.has(keptPlace(settings, before, key) ?? "");
      const former = ownEntry(settings.formerly, key);
      return [key, ...(former === undefined ? [] : [former])].map((one) => ({
        key,
        name: nameOf(settings, one),
        isPlacedHere,
      }));
    });
  };
  return askHosts(hosts, machinesOn, new Set(settings.templates), urn, context);
}

function machineOf(
  key: string,
  settings: PlacementSettings,
  before: ReadonlyMap<string, string>,
  { seen }: Asked,
): MachineToPlace {
  const { memory = settings.memory, place: pinned } = ownEntry(settings.machines, key) ?? {};
  const ids = (where: readonly Place[]) => where.map(placeId);
  const there = ids(
    settings.places.filter(({ host, mode }) => mode !== "evacuate" && seen.get(host)?.own.has(key)),
  );
  const last = keptPlace(settings, before, key) ?? there.find((id) => id === (pinned ?? id));
  return {
    key,
    memoryMb: memory,
    spaceBytes: settings.diskSpace * BYTES_IN_GB,
    pinned,
    last,
    exists: there.includes(last ?? ""),
    excluded: new Set(ids(settings.places.filter(({ host }) => seen.get(host)?.taken.has(key)))),
  };
}

function stateOf(
  place: Place,
  settings: PlacementSettings,
  { seen }: Asked,
  { context, urn }: Job,
): PlaceState {
  const { host, datastore, mode, weight, maxMachines, maxMemory: maxMemoryMb } = place;
  const limits = { id: placeId(place), mode, weight, maxMachines, maxMemoryMb };
  const there = seen.get(host);
  if (there === undefined) return { ...limits, memory: undefined, space: undefined };
  const { capacity, othersMemoryMb } = there;
  const store = capacity.datastores.find(({ name }) => name === datastore);
  const { origin } = context.host(host);
  const planned = memoryPlannedByOthers(context.host(host), urn, capacity.vms);
  return {
    ...limits,
    memory:
      settings.by === "count"
        ? undefined
        : {
            // A host with two names has its memory only once.
            id: origin,
            capacity: capacity.memoryMb * settings.overcommit,
            used: othersMemoryMb + planned,
          },
    space: store && {
      id: placeId({ host: origin, datastore }),
      capacity: store.capacityBytes * (1 - settings.keepFree / 100),
      used: store.capacityBytes - store.freeBytes,
    },
  };
}

function wrongPins(settings: PlacementSettings): CheckFailure[] {
  const ids = settings.places.map(placeId);
  return Object.entries(settings.machines).flatMap(([key, { place }]) => {
    if (place === undefined || ids.includes(place)) return [];
    return [
      {
        property: `machines.${key}.place`,
        reason: `"${place}" is none of the places: ${ids.join(", ")}`,
      },
    ];
  });
}

/** Machines may be on a host that does not answer. So no machine is placed elsewhere unless the program says so. */
function unanswered(
  settings: PlacementSettings,
  { problems }: Asked,
  before: ReadonlyMap<string, string>,
  { context }: Job,
): CheckFailure[] {
  const newcomers = settings.keys.filter((key) => keptPlace(settings, before, key) === undefined).length;
  const need = newcomers === 1 ? "1 machine needs" : `${newcomers} machines need`;
  return problems.flatMap(({ host, reason, isConfigured }) => {
    const places = settings.places.filter((place) => place.host === host);
    const isOpen = places.some(({ mode }) => mode === "open");
    const who = host ?? "the host of esxi:host";
    const isFirst = before.size === 0 && settings.by === "count";
    if (!isOpen || isFirst) {
      context.progress.warn(`${who} could not be asked which machines it has (${reason})`);
      return [];
    }
    if (!isConfigured) return [{ property: "places", reason }];
    return [
      {
        property: "places",
        reason:
          `${who} could not be asked, and ${need} a place (${reason}). Machines that have one ` +
          `are not touched. Give the place the mode "closed" to make the new ones elsewhere.`,
      },
    ];
  });
}

/** For fleets that are placed later in this run. */
function notePlan(
  settings: PlacementSettings,
  machines: readonly MachineToPlace[],
  placeOf: ReadonlyMap<string, string>,
  { context, urn }: Job,
): void {
  const placeOfId = new Map(settings.places.map((place) => [placeId(place), place]));
  const byHost = new Map<EsxiHost, [string, number][]>();
  for (const { key, memoryMb } of machines) {
    const place = placeOfId.get(placeOf.get(key) ?? "");
    if (place === undefined) continue;
    const host = context.host(place.host);
    byHost.set(host, [...(byHost.get(host) ?? []), [nameOf(settings, key), memoryMb]]);
  }
  for (const [host, planned] of byHost) planMemory(host, urn, new Map(planned));
}

function nameOf({ names, namePattern }: PlacementSettings, key: string): string {
  return ownEntry(names, key) ?? namePattern.replaceAll("%s", () => key);
}

/** The place of each key, from the text of an earlier check. */
function placesIn(assigned: Properties[string]): ReadonlyMap<string, string> {
  if (typeof assigned !== "string" || assigned === UNKNOWN) return new Map();
  const keysOf = Object.entries(JSON.parse(assigned) as Record<string, string[]>);
  return new Map(keysOf.flatMap(([place, keys]) => keys.map((key): [string, string] => [key, place])));
}

function textOf(placeOf: ReadonlyMap<string, string>, keys: readonly string[]): string {
  const keysOf = new Map<string, string[]>();
  for (const key of [...keys].sort()) {
    const place = placeOf.get(key);
    if (place !== undefined) keysOf.set(place, [...(keysOf.get(place) ?? []), key]);
  }
  return JSON.stringify(Object.fromEntries([...keysOf].sort(([one], [other]) => (one < other ? -1 : 1))));
}

import { NfcError } from "../../nfc/index.ts";
import { isFault } from "../../vim/faults.ts";
import { entryAmong, filesIn, knownListing } from "../datastore/datastore-listing.ts";
import { type DatastorePath, inFolder } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { reachedDatastores } from "../inventory/datastores.ts";
import { lookTwice } from "../look-twice.ts";
import type { Mark } from "./mark.ts";
import { MARK_PREFIX, markName, readMark, removeMarkFile, writeMark } from "./mark-file.ts";

/**
 * Marks of things that are on no datastore: networks, resource pools, services. Each thing has a small file in the root
 * of one of the host's datastores, and a second one while it is made or changed. They have no folder: nobody could
 * delete it safely while another run may put a mark into it.
 */
export interface ThingMarks {
  readonly made: Mark | undefined;
  /** Written before anything is made or changed, and removed when `made` tells the result. */
  readonly making: Mark | undefined;
}

/** A thing of a host by its kind and its name, as its mark names it. */
export interface Thing {
  readonly kind: string;
  readonly name: string;
}

export type MarkPhase = keyof ThingMarks;

const PHASES = ["made", "making"] as const;

export const nameOfThing = ({ kind, name }: Thing): string => `${kind} ${name}`;

/** The marks of a thing. If several datastores have marks, they count only if all name the same resource. */
export const readThingMarks = (host: EsxiHost, thing: Thing, signal: AbortSignal): Promise<ThingMarks> =>
  readMarks(host, thing, async () => () => true, signal);

/**
 * As {@link readThingMarks}, from one look into each datastore that serves all callers. Most things have no mark to
 * read.
 */
export const readListedThingMarks = (
  host: EsxiHost,
  thing: Thing,
  signal: AbortSignal,
): Promise<ThingMarks> =>
  readMarks(
    host,
    thing,
    async (datastore) => {
      const root = (await knownListing(host, { datastore, path: "" }, signal)) ?? [];
      return (file) => entryAmong(root, file) !== undefined;
    },
    signal,
  );

type Listed = (file: DatastorePath) => boolean;

async function readMarks(
  host: EsxiHost,
  thing: Thing,
  listing: (datastore: string) => Promise<Listed>,
  signal: AbortSignal,
): Promise<ThingMarks> {
  const begin = await beginOf(host, thing);
  const found = await Promise.all(
    (await reachedDatastores(host)).map(async (datastore) => {
      const isListed = await listing(datastore);
      const read = async (phase: MarkPhase) => {
        const file = fileOf(datastore, begin, phase);
        return isListed(file) ? readMark(host, file, nameOfThing(thing), signal) : undefined;
      };
      const [made, making] = await Promise.all(PHASES.map(read));
      return { made, making };
    }),
  );
  const telling = found.flatMap((marks) => {
    const last = marks.making ?? marks.made;
    return last ? [{ marks, urn: last.urn }] : [];
  });
  const [first] = telling;
  const isSame = telling.every(({ urn }) => urn === first?.urn);
  return isSame && first ? first.marks : { made: undefined, making: undefined };
}

/**
 * Writes a mark to the first datastore that takes it.
 * @returns The datastore. Undefined if no datastore takes a file from this user: nothing is marked then.
 * @throws The error that kept the host from answering.
 */
export async function writeThingMark(
  host: EsxiHost,
  thing: Thing,
  phase: MarkPhase,
  mark: Mark,
  signal: AbortSignal,
): Promise<string | undefined> {
  const begin = await beginOf(host, thing);
  for (const datastore of await reachedDatastores(host)) {
    try {
      await writeMark(host, fileOf(datastore, begin, phase), mark, signal);
      return datastore;
    } catch (error) {
      const isRefused =
        error instanceof HostError || (error instanceof NfcError && error.status !== undefined);
      if (!isRefused) throw error;
    }
  }
  return undefined;
}

/**
 * Removes marks from every datastore. Nothing happens if there are none.
 * @param isKept Whether a mark is to stay, by its datastore and phase.
 */
export async function removeThingMarks(
  host: EsxiHost,
  thing: Thing,
  phases: readonly MarkPhase[],
  signal: AbortSignal,
  isKept: (datastore: string, phase: MarkPhase) => boolean = () => false,
): Promise<void> {
  const begin = await beginOf(host, thing);
  const marksOn = async (datastore: string) => {
    const there = await filesIn(host, { datastore, path: "" }, `${begin}.*`, signal).catch((error) => {
      // A user who may not look there has written no mark there.
      if (isFault(error, "NoPermission")) return [] as string[];
      throw error;
    });
    const meant = phases.filter((phase) => !isKept(datastore, phase));
    return meant.map((phase) => fileOf(datastore, begin, phase)).filter(({ path }) => there.includes(path));
  };
  const look = async () => {
    const found = (await Promise.all((await reachedDatastores(host)).map(marksOn))).flat();
    return found.length > 0 ? found : undefined;
  };
  const found = (await lookTwice(look)) ?? [];
  await Promise.all(found.map((file) => removeMarkFile(host, file, signal)));
}

/** The beginning of the names of a thing's marks. It has the host in it, because hosts may share a datastore. */
async function beginOf(host: EsxiHost, thing: Thing): Promise<string> {
  const { hostUuid } = await host.facts();
  return `${MARK_PREFIX}-${thing.kind}-${markName(`${hostUuid} ${nameOfThing(thing)}`)}`;
}

const fileOf = (datastore: string, begin: string, phase: MarkPhase): DatastorePath =>
  inFolder({ datastore, path: "" }, `${begin}.${phase}`);

import DataLoader from "dataloader";
import type { ObjectContent, ObjectSpec, PropertySpec } from "../../../schema/index.ts";
import { VimFault } from "../faults.ts";
import type { VimCaller } from "../soap/caller.ts";
import { retrieve } from "./retrieve.ts";

/** Objects of one type, and the wanted properties. */
interface WantedObjects {
  readonly objectSet: readonly ObjectSpec[];
  readonly properties: PropertySpec;
}

type Found = readonly ObjectContent[];

const readers = new WeakMap<VimCaller, DataLoader<WantedObjects, Found>>();

/** Reads objects. Questions about several types at the same moment are one call. */
export function readJointly(caller: VimCaller, wanted: WantedObjects): Promise<Found> {
  const reader =
    readers.get(caller) ??
    new DataLoader<WantedObjects, Found>((all) => readAll(caller, all), {
      cache: false,
      batchScheduleFn: (run) => setImmediate(run),
    });
  readers.set(caller, reader);
  return reader.load(wanted);
}

async function readAll(caller: VimCaller, all: readonly WantedObjects[]): Promise<(Found | Error)[]> {
  // In the answer only the type tells objects apart, so each type has only one caller in a joint call.
  const joined = all.filter(
    ({ properties: { type } }, index) =>
      all.findIndex(({ properties }) => properties.type === type) === index,
  );
  const together = joined.length > 1 ? await readTogether(caller, joined) : undefined;
  return Promise.all(
    all.map(async (wanted) => {
      if (together && joined.includes(wanted)) {
        return together.filter(({ obj }) => obj.type === wanted.properties.type);
      }
      return retrieve(caller, [specOf(wanted)]).catch(asError);
    }),
  );
}

/** Undefined if the host refuses. One object that is gone fails the whole call, but must not fail the other callers. */
async function readTogether(caller: VimCaller, all: readonly WantedObjects[]): Promise<Found | undefined> {
  try {
    return await retrieve(caller, all.map(specOf));
  } catch (error) {
    if (error instanceof VimFault) return undefined;
    throw error;
  }
}

function specOf({ objectSet, properties }: WantedObjects) {
  return { propSet: [properties], objectSet };
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

import path from "node:path";
import { untilStopped } from "../../host/grace.ts";
import type { OvaCheck } from "../../ovf/source/check-source.ts";
import type { OvaSource } from "../../ovf/source/source.ts";

/** An OVA that has been opened and checked. */
export interface CheckedOva {
  readonly source: OvaSource;
  readonly check: OvaCheck;
}

const opened = new Map<string, Promise<CheckedOva>>();
/** Ends what is being opened, for all who wait. The signal of one of them would end it for the others too. */
let closing = new AbortController();

/**
 * The OVA at that path. It is opened and checked once per process, even if many resources are made from it.
 * @param signal Ends this caller's wait.
 */
export function openOnce(ovaPath: string, projectFolder: string, signal: AbortSignal): Promise<CheckedOva> {
  const location = /^https?:\/\//i.test(ovaPath) ? ovaPath : path.resolve(projectFolder, ovaPath);
  const known = opened.get(location);
  const opening = known ?? openAndCheck(location, closing.signal);
  if (known === undefined) {
    opened.set(location, opening);
    // A web server that did not answer may answer for the next resource.
    opening.catch(() => opened.delete(location));
  }
  return untilStopped(opening, signal);
}

const told = new WeakMap<CheckedOva, Set<string>>();

/**
 * Warnings, each once per process, because a hundred resources may be made from one OVA.
 * @param further Warnings about the resource's choices, besides those about the OVA itself.
 */
export function newWarnings(ova: CheckedOva, further: readonly string[]): readonly string[] {
  const before = told.get(ova) ?? new Set();
  const news = [...ova.check.warnings, ...further].filter((warning) => !before.has(warning));
  told.set(ova, new Set([...before, ...news]));
  return news;
}

/** Closes all files and connections. */
export async function closeOvaSources(): Promise<void> {
  const all = [...opened.values()];
  opened.clear();
  closing.abort();
  closing = new AbortController();
  await Promise.allSettled(all.map(async (ova) => (await ova).source.close()));
}

async function openAndCheck(location: string, signal: AbortSignal): Promise<CheckedOva> {
  // Every run comes to this file to close what it has opened, and most runs open nothing.
  const [{ openOvaSource }, { checkOvaSource }] = await Promise.all([
    import("../../ovf/source/source.ts"),
    import("../../ovf/source/check-source.ts"),
  ]);
  const source = await openOvaSource(location, { signal });
  try {
    return { source, check: await checkOvaSource(source, { signal }) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

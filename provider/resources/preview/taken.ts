import { entryAmong } from "../../host/datastore/datastore-listing.ts";
import { type DatastorePath, formatDatastorePath } from "../../host/datastore/datastore-path.ts";
import { isBegun } from "../../host/datastore/place-claim.ts";
import { messageWithHint } from "../../host/fault-hints.ts";
import type { HostError } from "../../host/host-error.ts";
import { poolsCalled } from "../../host/pool/pool-paths.ts";
import { called, encodeVmName, isSameName } from "../../host/vm/reading/vm-name.ts";
import { otherKind } from "../datastore/datastore-place.ts";
import { thereAlready } from "../frame/adopt.ts";
import type { CheckFailure } from "../frame/lifecycle.ts";
import { whyStrangers } from "../take-back/whose.ts";
import { whoHasName } from "../vm/life/claim-name.ts";
import { datastoreOf, type Look } from "./look.ts";
import { lookAtPlace } from "./places.ts";
import type { Making, Wants } from "./wants.ts";
import { type Marked, type Whose, whoseBy } from "./whose-mark.ts";

/** What keeps us from making something under its name: another resource, or what the host has already. */
export async function clashes(look: Look, { makes, adopts }: Wants, urn: string): Promise<CheckFailure[]> {
  if (makes === undefined) return [];
  const { kind, name, property } = makes;
  const { host, run } = look;
  const rival = run.rivalOf(urn, makes);
  if (rival !== undefined) {
    const reason =
      `two resources want a ${kind} "${name}" on ${host.name}: this one and ${rival}. ` +
      `Give one of them another \`${property}\`.`;
    return [{ property, reason }];
  }
  if (adopts || run.givesUp(makes)) return [];
  const own = look.context.takeBack === true || run.isInState(urn);
  const error = await taken(look, makes, urn, own);
  if (error === undefined) return [];
  // A resource that is replaced together with what it builds on is checked as if it were new. Not all of these are known before.
  if (!own && (await taken(look, makes, urn, true)) === undefined) {
    look.context.progress.warn(`${property}: ${error.message}`);
    return [];
  }
  return [{ property, reason: error.message }];
}

/**
 * What a create would say of something that the host has under the name already. Undefined if the name is free, or if
 * only the create can tell, because this very resource has begun it.
 *
 * @param own Whether what this resource has finished before counts as its own.
 */
async function taken(look: Look, makes: Making, urn: string, own: boolean): Promise<HostError | undefined> {
  const { kind, name, property } = makes;
  if (kind === "virtual machine") {
    const those = look.sight.vms.filter((vm) => isSameName(vm.name, name)).map(({ ref }) => ref);
    return whoHasName(look.host, { name, urn }, those, own);
  }
  const found = await foundBy(look, makes, urn);
  if (found?.ofOtherKind) return found.ofOtherKind;
  const whose = found && (await whoseOrWarn(look, found, property));
  if (found === undefined || whose === undefined) return undefined;
  const why = whyStrangers(whose, urn, own);
  return why === undefined ? undefined : thereAlready(look.host, found.what, property, why);
}

/**
 * Whose it is. Where the host does not let anybody read marks, this is a warning, because it may be this resource's
 * own.
 */
async function whoseOrWarn(
  look: Look,
  { what, marked }: Found,
  property: string,
): Promise<Whose | undefined> {
  const { host, context } = look;
  try {
    return await whoseBy(look, marked);
  } catch (error) {
    context.signal.throwIfAborted();
    const message = error instanceof Error ? messageWithHint(error) : String(error);
    context.progress.warn(
      `${property}: ${host.name} has ${what} already, and who made it cannot be read now: ${message}`,
    );
    return undefined;
  }
}

/** Whether the host has what a resource makes that is not a machine. Nobody can tell yet of what is half made. */
export const isTaken = async (look: Look, makes: Making, urn: string): Promise<boolean> =>
  (await foundBy(look, makes, urn)) !== undefined;

/** What the host has under a name, and where its mark is. */
interface Found {
  readonly what: string;
  readonly marked: Marked;
  /** The error of a file where a folder is, or the other way round. */
  readonly ofOtherKind?: HostError;
}

async function foundBy(look: Look, makes: Making, urn: string): Promise<Found | undefined> {
  const { sight } = look;
  const { kind, name } = makes;
  const what = `the ${kind} "${name}"`;
  switch (kind) {
    case "port group":
      return called(sight.facts.networks, name, ({ spelled }) => spelled).length > 0
        ? { what, marked: { kind, name } }
        : undefined;
    case "vSwitch":
      return sight.switches?.includes(name) ? { what, marked: { kind, name } } : undefined;
    case "resource pool": {
      const path = poolPath(look, makes);
      const pool = sight.facts.resourcePools.find((one) => path !== undefined && one.path === path);
      return pool && { what: `the ${kind} "${pool.path}"`, marked: { kind, pool } };
    }
    case "file":
    case "folder":
      return foundPlace(look, kind, makes, urn);
    default:
      return undefined;
  }
}

/** Undefined for a pool below one that the host does not have. */
function poolPath({ sight: { facts } }: Look, { name, within }: Making): string | undefined {
  const own = encodeVmName(name);
  if (within === undefined) return own;
  const [parent, another] = poolsCalled(facts.resourcePools, within);
  if (parent === undefined || another) return undefined;
  return parent.path === "" ? own : `${parent.path}/${own}`;
}

async function foundPlace(
  look: Look,
  kind: "file" | "folder",
  { name, within }: Making,
  urn: string,
): Promise<Found | undefined> {
  const { host, context } = look;
  const datastore = datastoreOf(look, within)?.name;
  if (datastore === undefined) return undefined;
  const place: DatastorePath = { datastore, path: name };
  const { isThere, beside = [] } = await lookAtPlace(host, place, false, context.signal);
  if (!isThere || isBegun(beside, { place, urn })) return undefined;
  const entry = entryAmong(beside, place);
  const isOther = entry !== undefined && entry.isFolder !== (kind === "folder");
  return {
    what: `the ${kind} "${formatDatastorePath(place)}"`,
    marked: { kind, place, beside },
    ...(isOther && { ofOtherKind: otherKind(host, place, entry.isFolder) }),
  };
}

import { type DatastorePath, formatDatastorePath } from "../../host/datastore/datastore-path.ts";
import { isBegun } from "../../host/datastore/place-claim.ts";
import type { HostError } from "../../host/host-error.ts";
import { poolsCalled } from "../../host/pool/pool-paths.ts";
import { called, encodeVmName, isSameName } from "../../host/vm/reading/vm-name.ts";
import { thereAlready } from "../frame/adopt.ts";
import type { CheckFailure } from "../frame/lifecycle.ts";
import { whoHasName } from "../vm/life/claim-name.ts";
import { datastoreOf, type Look } from "./look.ts";
import { lookAtPlace } from "./places.ts";
import type { Making, Wants } from "./wants.ts";

/** What stands in the way of making something under its name: another resource, or what the host has already. */
export async function clashes(look: Look, { makes, adopts }: Wants, urn: string): Promise<CheckFailure[]> {
  if (makes === undefined) return [];
  const { kind, name, property } = makes;
  const { host, run, context } = look;
  const rival = run.rivalOf(urn, makes);
  if (rival !== undefined) {
    const reason =
      `two resources want a ${kind} "${name}" on ${host.name}: this one and ${rival}. ` +
      `Give one of them another \`${property}\`.`;
    return [{ property, reason }];
  }
  if (adopts || context.takeBack || run.givesUp(makes)) return [];
  const error = await taken(look, makes, urn);
  if (error === undefined) return [];
  if (kind === "virtual machine") return [{ property, reason: error.message }];
  // What a run that was killed has made of this very resource is gone on with, and only the create can tell whose it is.
  context.progress.warn(`${property}: ${error.message}`);
  return [];
}

/** What a create would say of something that the host has under the name already; undefined if the name is free. */
async function taken(look: Look, makes: Making, urn: string): Promise<HostError | undefined> {
  const { host, sight } = look;
  const { kind, name, property } = makes;
  const already = () => thereAlready(host, `the ${kind} "${name}"`, property);
  switch (kind) {
    case "port group":
      return called(sight.facts.networks, name, ({ spelled }) => spelled).length > 0 ? already() : undefined;
    case "vSwitch":
      return sight.switches?.includes(name) ? already() : undefined;
    case "resource pool": {
      const path = poolPath(look, makes);
      const there = path === undefined ? [] : sight.facts.resourcePools.filter((pool) => pool.path === path);
      return there.length > 0 ? thereAlready(host, `the ${kind} "${path}"`, property) : undefined;
    }
    case "virtual machine": {
      const those = sight.vms.filter((vm) => isSameName(vm.name, name));
      return whoHasName(
        host,
        { name, urn },
        those.map(({ ref }) => ref),
      );
    }
    case "file":
    case "folder":
      return takenPlace(look, makes, urn);
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

async function takenPlace(
  look: Look,
  { kind, name, within, property }: Making,
  urn: string,
): Promise<HostError | undefined> {
  const { host, context } = look;
  const datastore = datastoreOf(look, within)?.name;
  if (datastore === undefined) return undefined;
  const place: DatastorePath = { datastore, path: name };
  const { isThere, beside } = await lookAtPlace(host, place, false, context.signal);
  if (!isThere || isBegun(beside ?? [], { place, urn })) return undefined;
  return thereAlready(host, `the ${kind} "${formatDatastorePath(place)}"`, property);
}

import { folderOf, formatDatastorePath, parseDatastorePath } from "../../host/datastore/datastore-path.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import { notThere, theDatastore, theNetwork, theResourcePool } from "../../host/inventory/named-places.ts";
import { keyOf } from "../../host/inventory/vm-by-key.ts";
import { isSameName } from "../../host/vm/reading/vm-name.ts";
import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { Look } from "./look.ts";
import { lookAtPlace } from "./places.ts";
import type { Need } from "./wants.ts";

/**
 * Makes sure that the host has what a resource builds on.
 * @throws HostError with the names that the host has instead.
 */
export async function refuseMissing(look: Look, wanted: Need): Promise<void> {
  const { host, sight } = look;
  const { kind, property, name = "", setting = `\`${property}\`` } = wanted;
  const { facts } = sight;
  switch (kind) {
    case "datastore":
      theDatastore(host.name, facts, wanted.name, property);
      return;
    case "port group":
      theNetwork(host.name, facts, name, setting);
      return;
    case "resource pool":
      theResourcePool(host.name, facts, name, property);
      return;
    case "vSwitch":
      refuseUnlisted(host, wanted, sight.switches, setting);
      return;
    case "network adapter":
      refuseUnlisted(host, wanted, sight.physicalAdapters, setting);
      return;
    case "virtual machine":
      // By its UUID or its file a machine is not among what was read.
      if (keyOf(name) === "name") refuseUnlisted(host, wanted, namesOf(sight.vms), setting);
      return;
    case "file":
    case "folder":
      await refuseMissingFile(look, wanted, setting);
  }
}

/** @param names The names on the host. Undefined where it does not tell. */
function refuseUnlisted(
  host: EsxiHost,
  { kind, name = "" }: Need,
  names: readonly string[] | undefined,
  setting: string,
): void {
  if (names === undefined || names.some((one) => isSameName(one, name))) return;
  const known = names.map((one) => ({ name: one }));
  throw notThere(host.name, kind, name, known, setting);
}

async function refuseMissingFile(
  { host, sight: { facts }, context: { signal } }: Look,
  { property, name = "" }: Need,
  setting: string,
): Promise<void> {
  const place = parseDatastorePath(name);
  theDatastore(host.name, facts, place.datastore, property);
  const { isThere, beside } = await lookAtPlace(host, place, true, signal);
  if (isThere) return;
  const folder = folderOf(place);
  const like = name.slice(name.lastIndexOf(".")).toLowerCase();
  const names = beside
    ?.filter((entry) => !entry.isFolder && entry.name.toLowerCase().endsWith(like))
    .map((entry) =>
      formatDatastorePath({ ...folder, path: `${folder.path}/${entry.name}`.replace(/^\//, "") }),
    );
  const there = `the folder "${formatDatastorePath(folder)}"`;
  const hint =
    names === undefined
      ? `there is no folder "${formatDatastorePath(folder)}"`
      : didYouMean(name, names, `${like} files`, there);
  throw new HostError(
    `${host.name} has no file "${name}": ${hint}. Set ${setting} to a file that is there, or upload it ` +
      "(DatastoreFile does). Nothing was created.",
  );
}

const namesOf = (things: readonly { readonly name: string }[]): string[] => things.map(({ name }) => name);

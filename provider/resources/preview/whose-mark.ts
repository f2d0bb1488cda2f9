import type { FolderEntry } from "../../host/datastore/datastore-listing.ts";
import type { DatastorePath } from "../../host/datastore/datastore-path.ts";
import { hasFileMark, readFileMark, readFolderMark } from "../../host/marks/file-marks.ts";
import type { Mark } from "../../host/marks/mark.ts";
import { readListedThingMarks, type Thing } from "../../host/marks/thing-marks.ts";
import type { NamedPool } from "../../host/pool/pool-paths.ts";
import { poolDraftThing, poolThing, portGroupThing, virtualSwitchThing } from "../take-back/things.ts";
import type { Bearing } from "../take-back/whose.ts";
import type { Look } from "./look.ts";

/** Something that a host has, as its mark is found. */
export type Marked =
  | { readonly kind: "port group" | "vSwitch"; readonly name: string }
  | { readonly kind: "resource pool"; readonly pool: NamedPool }
  | {
      readonly kind: "file" | "folder";
      readonly place: DatastorePath;
      /** What is beside it. */
      readonly beside: readonly FolderEntry[];
    };

export type Whose = Pick<Bearing, "urn" | "isUnfinished">;

/**
 * Whose something is, by its mark. For many things the host is asked once which of them have a mark. Only these marks
 * are read.
 */
export async function whoseBy(look: Look, marked: Marked): Promise<Whose> {
  const {
    host,
    context: { signal },
  } = look;
  switch (marked.kind) {
    case "port group":
      return byThings(look, [portGroupThing(marked.name)]);
    case "vSwitch":
      return byThings(look, [virtualSwitchThing(marked.name)]);
    case "resource pool": {
      const { ref, parent, name } = marked.pool;
      const draft = parent === undefined ? [] : [poolDraftThing(parent.value, name)];
      return byThings(look, [poolThing(ref.value), ...draft]);
    }
    case "file":
      return hasFileMark(marked.beside, marked.place)
        ? finishedBy(await readFileMark(host, marked.place, signal))
        : NOBODYS;
    case "folder":
      return finishedBy(await readFolderMark(host, marked.place, signal));
  }
}

const NOBODYS: Whose = { urn: undefined, isUnfinished: false };

const finishedBy = (mark: Mark | undefined): Whose => ({ urn: mark?.urn, isUnfinished: false });

/** Whose it is by the first mark that is there, and whether any mark says that it is being made. */
async function byThings({ host, context }: Look, things: readonly Thing[]): Promise<Whose> {
  const marks = await Promise.all(things.map((thing) => readListedThingMarks(host, thing, context.signal)));
  const last = marks.map(({ made, making }) => making ?? made).find((mark) => mark !== undefined);
  return {
    urn: last?.urn,
    isUnfinished: marks.some(({ making }) => making !== undefined && making.urn === last?.urn),
  };
}

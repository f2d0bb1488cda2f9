import * as v from "valibot";
import { knownEntry } from "../../host/datastore/datastore-listing.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  parseDatastorePath,
} from "../../host/datastore/datastore-path.ts";
import { endClaim, findPlace, nameOf } from "../../host/datastore/place-claim.ts";
import { placeFolder } from "../../host/datastore/place-folder.ts";
import {
  endRemoval,
  leavingFolder,
  removeEmptyFolder,
  removeFolder,
  undoRemoval,
} from "../../host/file-use/remove-folder.ts";
import { readFolderMark, removeFolderMark } from "../../host/marks/file-marks.ts";
import type { Found } from "../frame/adopt.ts";
import { hostResource, hostResourceEntries } from "../frame/host-resource.ts";
import type { Lifecycle, Properties } from "../frame/lifecycle.ts";
import { text } from "../frame/own-host.ts";
import { isLeftUnfinished } from "../frame/state.ts";
import { name, unknownSetting, yesOrNo } from "../inputs/setting-forms.ts";
import { ownOrAdopted } from "../take-back/own-or-adopted.ts";
import { bearingOf } from "../take-back/whose.ts";
import { otherKind, placeOn, placePath, placeWants } from "./datastore-place.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    adopt: v.optional(yesOrNo),
    path: placePath,
    datastore: v.optional(name),
    forceDestroy: v.optional(yesOrNo, false),
  },
  unknownSetting,
);

/** The lifecycle of {@link DatastoreFolder}, in the dynamic-provider process. */
export const datastoreFolder: Lifecycle = hostResource({
  what: ({ datastorePath, path }) => `The folder "${text(datastorePath) ?? String(path)}"`,
  schema,
  outputs: ["datastorePath"],
  replacing: ["path", "datastore"],
  inPlace: [],
  ours: ["forceDestroy"],
  rules: { shown: ["path", "datastore"] },

  wants: (inputs) => placeWants("folder", inputs),

  async finds(settings, { host, context }) {
    const place = await placeOn(host, { datastore: text(settings.datastore), path: String(settings.path) });
    const entry = await knownEntry(host, place, context.signal);
    if (entry && !entry.isFolder) throw otherKind(host, place, false);
    return entry && { found: foundAs(place), wanted: settings };
  },

  async create(settings, job) {
    const { host, urn, exists } = job;
    const { signal } = job.context;
    const place = await placeOn(host, settings);
    const id = formatDatastorePath(place);
    const outs = { datastore: place.datastore, datastorePath: id };
    const claim = { place, urn, content: "" };
    const found = foundAs(place);
    const { entry, isOurs, beside } = await findPlace(host, claim, signal);
    if (beside.some(({ name }) => name === nameOf(leavingFolder(place))))
      await endRemoval(host, place, signal);
    if (entry && !entry.isFolder) {
      throw otherKind(host, place, false);
    }
    if (entry && !isOurs) {
      const mark = await readFolderMark(host, place, signal);
      const bearing = bearingOf(mark, async () => true);
      const isAdopted = (await ownOrAdopted(job, settings, found, bearing, [])) === "adopted";
      // The folder belongs to this resource now. The one that made it must not take it back.
      if (isAdopted && mark) await removeFolderMark(host, place, signal);
      return { id, outs };
    }
    if (!isOurs) await placeFolder(host, claim, signal);
    exists(id, outs);
    await endClaim(host, claim, signal);
    return { id, outs };
  },

  async read(_id, props, { host, context }) {
    const place = placeOf(props);
    const isFolder = async (one: DatastorePath) =>
      (await knownEntry(host, one, context.signal))?.isFolder === true;
    if (await isFolder(place)) return {};
    // A run has begun to delete it. An `up` undoes that, and a destroy ends it.
    return (await isFolder(leavingFolder(place))) ? { __phase: "unfinished" } : undefined;
  },

  async update(_id, olds, _settings, { host, context, urn }) {
    const place = placeOf(olds);
    // This is all that a create or a delete can have left to do.
    if (isLeftUnfinished(olds)) {
      await undoRemoval(host, place, context.signal);
      await endClaim(host, { place, urn, content: "" }, context.signal);
    }
    return { datastore: olds.datastore, datastorePath: olds.datastorePath };
  },

  async delete(_id, props, { host, context: { signal, progress } }) {
    const place = placeOf(props);
    progress.status("deleting");
    if (props.forceDestroy === true) await removeFolder(host, place, signal);
    else await removeEmptyFolder(host, place, signal);
  },
});

const foundAs = (place: DatastorePath): Found => ({
  what: `the folder "${formatDatastorePath(place)}"`,
  now: {},
  keys: [],
  rules: {},
  calledBy: "path",
});

const placeOf = ({ datastorePath }: Properties): DatastorePath => parseDatastorePath(String(datastorePath));

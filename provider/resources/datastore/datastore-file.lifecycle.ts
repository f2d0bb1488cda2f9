import * as v from "valibot";
import { deleteFile } from "../../host/datastore/datastore-files.ts";
import { type FolderEntry, findEntry, knownEntry } from "../../host/datastore/datastore-listing.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  parseDatastorePath,
} from "../../host/datastore/datastore-path.ts";
import { digestOnDatastore } from "../../host/datastore/file-access.ts";
import { endClaim, findPlace, type PlaceClaim } from "../../host/datastore/place-claim.ts";
import { placeFile } from "../../host/datastore/place-file.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { refuseWhileNeeded } from "../../host/file-use/needed-files.ts";
import { HostError } from "../../host/host-error.ts";
import { readFileMark, removeFileMark, writeFileMark } from "../../host/marks/file-marks.ts";
import type { MarkState } from "../../host/marks/mark.ts";
import { type Found, takeOver } from "../frame/adopt.ts";
import { COPYING_SECONDS } from "../frame/deadline.ts";
import { hostResource, hostResourceEntries } from "../frame/host-resource.ts";
import type { Context, Lifecycle, Properties } from "../frame/lifecycle.ts";
import { gone, text } from "../frame/own-host.ts";
import { runOptions } from "../frame/run-options.ts";
import { isUnknown, UNKNOWN } from "../inputs/check-inputs.ts";
import { name, unknownSetting, yesOrNo } from "../inputs/setting-forms.ts";
import { bearingOf, whyNotOurs } from "../take-back/whose.ts";
import { otherKind, placeOn, placePath, placeWants } from "./datastore-place.ts";
import { contentDigest, contentOf, openContent } from "./file-content.ts";

const schema = v.strictObject(
  {
    ...hostResourceEntries,
    adopt: v.optional(yesOrNo),
    path: v.pipe(
      placePath,
      v.check(
        (path) => !/\.vmdk$/i.test(path),
        "must not end in .vmdk, because hosts treat such a file as a virtual disk. A disk is made with its virtual machine (disks)",
      ),
    ),
    datastore: v.optional(name),
    source: name,
    sha256: v.optional(
      v.pipe(
        v.string("must be a text"),
        v.regex(/^[0-9a-f]{64}$/i, "must be a SHA-256 in hex, 64 characters"),
        v.toLowerCase(),
      ),
    ),
    content: v.optional(v.string()),
    contentSha256: v.optional(v.string()),
  },
  unknownSetting,
);

type Settings = v.InferOutput<typeof schema>;

/** The lifecycle of {@link DatastoreFile}, in the dynamic-provider process. */
export const datastoreFile: Lifecycle = hostResource({
  what: ({ datastorePath, path }) => `The file "${text(datastorePath) ?? String(path)}"`,
  schema,
  outputs: ["datastorePath", "size", "modified"],
  computed: ["content", "contentSha256"],
  replacing: ["path", "datastore"],
  inPlace: ["content"],
  rules: { shown: ["path", "datastore"] },
  createSeconds: COPYING_SECONDS,
  updateSeconds: COPYING_SECONDS,

  async check(inputs, olds, context) {
    const { source, sha256 } = inputs;
    if ([source, sha256].some(isUnknown)) return { inputs: { content: UNKNOWN }, failures: [] };
    if (typeof source !== "string" || source === "") return { failures: [] };
    // If the program gives the digest, nothing need be read while it is the same.
    const known =
      typeof sha256 === "string" ? { content: `sha256 ${sha256}`, contentSha256: sha256 } : undefined;
    if (known && olds.content === known.content) return { inputs: { ...known }, failures: [] };
    try {
      const found = await contentOf({ ...context, source }, olds);
      return { inputs: { ...(known ?? found) }, failures: [] };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { failures: [{ property: "source", reason: error.message }] };
    }
  },

  align: (olds, news) => (holds(olds, news) ? { ...olds, content: news.content } : { ...olds, content: "" }),

  wants: (inputs) => placeWants("file", inputs),

  // Only the create compares its bytes.
  async finds(settings, { host, context }) {
    const place = await placeOn(host, { datastore: text(settings.datastore), path: String(settings.path) });
    const entry = await knownEntry(host, place, context.signal);
    if (entry?.isFolder) throw otherKind(host, place, true);
    const source = text(settings.source);
    if (entry === undefined || source === undefined) return undefined;
    return { found: foundAs(place, entry), wanted: { size: await sizeOf(source, context) } };
  },

  async create(settings, job) {
    const { host, context, urn, exists } = job;
    const place = await placeOn(host, settings);
    const id = formatDatastorePath(place);
    const claim = { place, urn, content: contentText(settings) };
    const { entry, isOurs } = await findPlace(host, claim, context.signal);
    // The mark may be there although a file of that name is a stranger's, because it is written before the upload.
    const isThere = isOurs && entry !== undefined && (await isAsAsked(host, place, entry, settings, context));
    const mark = entry && !isThere ? await readFileMark(host, place, context.signal) : undefined;
    if (entry !== undefined && !isThere) {
      const bearing = bearingOf(mark, () => isAsLeft(host, place, entry, mark?.state, context));
      const why = await whyNotOurs(job, `the file "${id}"`, "", bearing);
      if (why !== undefined) {
        const outs = await adopt(host, place, entry, { ...settings, why }, context);
        // The file belongs to this resource now. The one that made it must not take it back.
        if (mark) await removeFileMark(host, place, context.signal);
        return { id, outs };
      }
    }
    const wanted = isThere || mark ? await digestOf(settings, context) : undefined;
    const isWhole = isThere || (mark !== undefined && mark.state.sha256 === wanted);
    if (mark && !isWhole)
      await refuseWhileNeeded(host, { place, doing: "replace it", counts: ({ isOff }) => !isOff });
    const sha256 =
      isWhole && wanted !== undefined
        ? wanted
        : await upload(host, { ...claim, overwrite: mark !== undefined }, settings, context);
    exists(id, { datastore: place.datastore, datastorePath: id, sha256 });
    return { id, outs: await finish(host, claim, sha256, context) };
  },

  async read(_id, props, { host, context }) {
    const entry = await knownEntry(host, placeOf(props), context.signal);
    if (entry === undefined || entry.isFolder) return undefined;
    // Nobody knows the content that somebody else has put there. It is not what the program asks for.
    return { size: entry.size, modified: entry.modified, ...(isChanged(entry, props) && { sha256: "" }) };
  },

  async update(_id, olds, settings, job) {
    const { host, context, urn, exists } = job;
    const place = placeOf(olds);
    const id = formatDatastorePath(place);
    const claim = { place, urn, content: contentText(settings) };
    if (holds(olds, settings) || job.ignores("content"))
      return finish(host, claim, String(olds.sha256), context);
    await refuseWhileNeeded(host, { place, doing: "replace it", counts: ({ isOff }) => !isOff });
    const { entry } = await findPlace(host, claim, context.signal);
    const isThere = entry !== undefined && (await isReplaced(host, entry, olds, settings, context));
    const sha256 = isThere
      ? await digestOf(settings, context)
      : await upload(host, { ...claim, overwrite: true }, settings, context);
    exists(id, { datastore: place.datastore, datastorePath: id, sha256 });
    return finish(host, claim, sha256, context);
  },

  async delete(id, props, { host, context }) {
    const place = placeOf(props);
    const entry = await findEntry(host, place, context.signal);
    if (entry !== undefined) {
      refuseChanged(host, entry, props, "deleted");
      await refuseWhileNeeded(host, { place, doing: "delete it" });
    }
    context.progress.status("deleting");
    await removeFileMark(host, place, context.signal);
    if (entry === undefined) return;
    await deleteFile(host, id, context.signal);
  },
});

/** Whether somebody has changed the file since Pulumi looked last. A create that failed has not looked. */
const isChanged = ({ size, modified }: FolderEntry, props: Properties): boolean =>
  props.modified !== undefined && (size !== props.size || modified !== props.modified);

/** @throws HostError if Pulumi does not know the file in its present state */
function refuseChanged(host: EsxiHost, entry: FolderEntry, props: Properties, done: string): void {
  if (!isChanged(entry, props)) return;
  throw new HostError(
    `${host.name}: somebody has changed ${String(props.datastorePath)} since Pulumi looked last (${entry.modified}), ` +
      `so it is not ${done}. Run \`pulumi refresh\`, which reads the file again, and then the same as now. Or take it out of ` +
      "state with `pulumi state delete`.",
  );
}

/**
 * Whether a run that was killed just before its end has put the new file there already.
 * @throws HostError if the file is neither the old one nor the new one.
 */
async function isReplaced(
  host: EsxiHost,
  entry: FolderEntry,
  olds: Properties,
  settings: Settings,
  context: Context,
): Promise<boolean> {
  if (!isChanged(entry, olds)) return false;
  if (await isAsAsked(host, placeOf(olds), entry, settings, context)) return true;
  refuseChanged(host, entry, olds, "replaced");
  return false;
}

/** Whether the file there has the content of the program, byte for byte. */
async function isAsAsked(
  host: EsxiHost,
  place: DatastorePath,
  { isFolder, size }: FolderEntry,
  settings: Settings,
  context: Context,
): Promise<boolean> {
  if (isFolder) return false;
  return (
    (await digestOnDatastore(host, place, size, runOptions(context))) === (await digestOf(settings, context))
  );
}

/** Whether the file there has the content in its mark, byte for byte, and nobody has written to it since. */
async function isAsLeft(
  host: EsxiHost,
  place: DatastorePath,
  { isFolder, size, modified }: FolderEntry,
  left: MarkState = {},
  context: Context,
): Promise<boolean> {
  if (isFolder || left.size !== size || left.modified !== modified) return false;
  return (await digestOnDatastore(host, place, size, runOptions(context))) === left.sha256;
}

/** True if the file, according to state, has the content of the settings. */
function holds(olds: Properties, wanted: { readonly content?: unknown; readonly contentSha256?: unknown }) {
  const sha256 = text(olds.sha256);
  if (sha256 === undefined || wanted.content === undefined) return false;
  return wanted.content === olds.content || wanted.contentSha256 === sha256;
}

const placeOf = ({ datastorePath }: Properties): DatastorePath => parseDatastorePath(String(datastorePath));

const contentText = ({ content, contentSha256 }: Pick<Settings, "content" | "contentSha256">): string =>
  contentSha256 ?? content ?? "";

const digestOf = async (settings: Settings, context: Context): Promise<string> =>
  settings.sha256 ?? (await contentDigest({ ...context, source: settings.source }));

function upload(
  host: EsxiHost,
  claim: PlaceClaim & { readonly overwrite: boolean },
  settings: Settings,
  context: Context,
): Promise<string> {
  const file = {
    ...claim,
    sha256: settings.sha256,
    open: () => openContent({ ...context, source: settings.source }),
  };
  return placeFile(host, file, runOptions(context));
}

/** Reads the file as the host has it now. This is the last step of making or replacing a file. */
async function finish(
  host: EsxiHost,
  claim: PlaceClaim,
  sha256: string,
  { signal }: Context,
): Promise<Properties> {
  const entry = await findEntry(host, claim.place, signal);
  if (entry === undefined) throw gone(host, `The file "${formatDatastorePath(claim.place)}"`);
  const { size, modified } = entry;
  await writeFileMark(host, claim.place, claim.urn, { size, modified, sha256 }, signal);
  await endClaim(host, claim, signal);
  return outputsOf(claim.place, entry, sha256);
}

async function sizeOf(source: string, context: Context): Promise<number> {
  const bytes = await openContent({ ...context, source });
  await bytes.close();
  return bytes.sizeBytes;
}

const foundAs = (place: DatastorePath, { size }: FolderEntry): Found => ({
  what: `the file "${formatDatastorePath(place)}"`,
  now: { size },
  keys: ["size"],
  rules: { shown: ["sha256"] },
  calledBy: "path",
});

/** Adopts a file that is there, if the program asks for it and the file is as the program says. Changes nothing. */
async function adopt(
  host: EsxiHost,
  place: DatastorePath,
  entry: FolderEntry,
  settings: Settings & { readonly why: string },
  context: Context,
): Promise<Properties> {
  if (entry.isFolder) throw otherKind(host, place, true);
  const found = { ...foundAs(place, entry), why: settings.why };
  const wanted = { adopt: settings.adopt, size: await sizeOf(settings.source, context) };
  takeOver(host, wanted, found);
  const sha256 = await digestOnDatastore(host, place, entry.size, runOptions(context));
  const content = { ...wanted, sha256: await digestOf(settings, context) };
  takeOver(host, content, { ...found, now: { sha256 }, keys: ["sha256"] });
  return outputsOf(place, entry, sha256);
}

function outputsOf(place: DatastorePath, { size, modified }: FolderEntry, sha256: string): Properties {
  return { datastore: place.datastore, datastorePath: formatDatastorePath(place), size, modified, sha256 };
}

import * as v from "valibot";
import {
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
} from "../../../host/datastore/datastore-path.ts";
import { text } from "../../inputs/setting-forms.ts";

/**
 * A file on a datastore. People write different things between bracket and path. The result is spelled as the host
 * spells it.
 * @param example A file of that kind, for messages.
 */
export const datastoreFile = (example: string) =>
  v.pipe(
    text,
    v.check(isFile, ({ input }) => mustBe(example, input, "")),
    v.transform((path) => formatDatastorePath(parseDatastorePath(path))),
  );

/** A file of the host itself, such as its images of VMware Tools: `[] /vmimages/tools-isoimages/windows.iso`. */
const HOST_FILE = /^\[\]\s*(\/[^\u0000-\u001f]*[^\u0000-\u001f/])$/;

/** The same for an image, which may also be a file of the host itself. */
export const imageFile = (example: string) =>
  v.pipe(
    text,
    v.check(
      (path) => hostFile(path) !== undefined || isFile(path),
      ({ input }) => mustBe(example, input, OWN_FILE),
    ),
    v.transform((path) => hostFile(path) ?? formatDatastorePath(parseDatastorePath(path))),
  );

function hostFile(text: string): string | undefined {
  const path = HOST_FILE.exec(text.trim())?.[1];
  return path && `[] ${path}`;
}

const OWN_FILE = ". A DatastoreFile brings a file of your own machine there. Write its datastorePath here";

/** What is wrong with a text that is no such path, and what to write instead. The message never has the text itself. */
function mustBe(example: string, text: string, otherwise: string): string {
  const message = `must be a datastore path like "${example}"`;
  if (text.startsWith("/vmfs/volumes/")) return `${message}, instead of /vmfs/volumes/${asOnHost(example)}`;
  if (isDatastorePath(text)) return message;
  return `${message}${otherwise}`;
}

/** `datastore1/iso/Core-5.4.iso` of `[datastore1] iso/Core-5.4.iso`. */
const asOnHost = (path: string): string => path.replace(/^\[([^\]]*)\] /, "$1/");

function isFile(text: string): boolean {
  if (!isDatastorePath(text) || /[\u0000-\u001f]/.test(text)) return false;
  const { path } = parseDatastorePath(text);
  return path !== "" && !path.split("/").some((part) => part === "" || part === "." || part === "..");
}

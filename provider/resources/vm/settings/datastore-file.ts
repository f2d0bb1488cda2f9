import * as v from "valibot";
import { formatDatastorePath, isDatastorePath, parseDatastorePath } from "../../../host/datastore-path.ts";
import { text } from "../../setting-forms.ts";

/**
 * A file on a datastore, with whatever people write between bracket and path; comes out as the host spells it.
 * @param example Names a file of that kind in messages.
 */
export const datastoreFile = (example: string) =>
  v.pipe(
    text,
    v.check(isFile, `must be a datastore path like "${example}"`),
    v.transform((path) => formatDatastorePath(parseDatastorePath(path))),
  );

function isFile(text: string): boolean {
  if (!isDatastorePath(text) || /[\u0000-\u001f]/.test(text)) return false;
  const { path } = parseDatastorePath(text);
  return path !== "" && !path.split("/").some((part) => part === "" || part === "." || part === "..");
}

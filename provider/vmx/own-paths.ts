import type { Vmx } from "./vmx.ts";

/** Keys that a person wrote. Their values are not paths. */
const TEXTS = ["annotation", "displayname"];
/** Keys for the files to which a machine's ports write. */
const PORT_FILE = /^((?:serial|parallel)\d+)\.filename$/i;
const LOG_FILE = /^(?:vmx\.)?log\.filename$/i;

/**
 * Makes a copy write in its own folder, whatever absolute paths its source has. No port and no log may write to a file
 * of the source. Only images may be read from the source's folder.
 *
 * @param sourceFolder Path in the host's own file system. The volume's name and UUID are ignored, because a file may
 * have either.
 * @param kept Keys that must point there.
 */
export function writeInOwnFolder(copy: Vmx, sourceFolder: string, kept: ReadonlySet<string>): void {
  const inSource = below(sourceFolder);
  for (const key of copy.keys()) {
    const value = copy.get(key) ?? "";
    if (!value.startsWith("/") || kept.has(key) || TEXTS.includes(key.toLowerCase())) continue;
    const port = PORT_FILE.exec(key)?.[1];
    const isOutput = port === undefined ? LOG_FILE.test(key) : isFile(copy.get(`${port}.fileType`));
    if (!isOutput && !inSource(value)) continue;
    // An empty folder means the machine's own.
    if (/filename$/i.test(key)) copy.set(key, value.slice(value.lastIndexOf("/") + 1));
    else copy.delete(key);
  }
}

const isFile = (type: string | undefined) => type === undefined || type.toLowerCase() === "file";

/** Whether a path is a folder or below it, on any volume. */
function below(folder: string): (path: string) => boolean {
  const place = onVolume(folder);
  return (path) => place !== "" && `${onVolume(path)}/`.startsWith(`${place}/`);
}

function onVolume(path: string): string {
  const [vmfs, volumes, , ...rest] = path.startsWith("/") ? path.split("/").filter(Boolean) : [];
  return vmfs === "vmfs" && volumes === "volumes" ? rest.join("/") : "";
}

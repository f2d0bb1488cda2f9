import type { Vmx } from "./vmx.ts";

/** Keys that a person wrote, whatever they say. */
const TEXTS = ["annotation", "displayname"];
/** Where a machine writes what comes out of its ports. */
const PORT_FILE = /^((?:serial|parallel)\d+)\.filename$/i;
const LOG_FILE = /^(?:vmx\.)?log\.filename$/i;

/**
 * Makes a copy write beside its own .vmx file, whatever absolute paths its source had: no port and no log goes on into a
 * file that the source writes to, and nothing but images is looked for in the source's folder.
 *
 * @param sourceFolder From the host's root. The volume counts neither by its name nor by its UUID, because a file may have
 *   either.
 * @param kept Keys that are to point there.
 */
export function writeInOwnFolder(copy: Vmx, sourceFolder: string, kept: ReadonlySet<string>): void {
  const inSource = below(sourceFolder);
  for (const key of copy.keys()) {
    const value = copy.get(key) ?? "";
    if (!value.startsWith("/") || kept.has(key) || TEXTS.includes(key.toLowerCase())) continue;
    const port = PORT_FILE.exec(key)?.[1];
    const isOutput = port === undefined ? LOG_FILE.test(key) : isFile(copy.get(`${port}.fileType`));
    if (!isOutput && !inSource(value)) continue;
    // A folder that is not named is the machine's own.
    if (/filename$/i.test(key)) copy.set(key, value.slice(value.lastIndexOf("/") + 1));
    else copy.delete(key);
  }
}

const isFile = (type: string | undefined) => type === undefined || type.toLowerCase() === "file";

/** Whether a path is a folder or below it, on whichever volume. */
function below(folder: string): (path: string) => boolean {
  const place = onVolume(folder);
  return (path) => place !== "" && `${onVolume(path)}/`.startsWith(`${place}/`);
}

function onVolume(path: string): string {
  const [vmfs, volumes, , ...rest] = path.startsWith("/") ? path.split("/").filter(Boolean) : [];
  return vmfs === "vmfs" && volumes === "volumes" ? rest.join("/") : "";
}

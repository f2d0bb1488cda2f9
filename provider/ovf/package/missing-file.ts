import { readdir } from "node:fs/promises";
import { basename, dirname, sep } from "node:path";
import { nearestName } from "../did-you-mean.ts";

/** Says which file may be meant by a path that does not exist. Empty if nothing can be said. */
export async function meantFile(path: string): Promise<string> {
  if (path.split(sep).includes("~")) {
    return ". The ~ means a home folder in a shell only: write the whole path, or one relative to the folder of Pulumi.yaml";
  }
  if (sep === "/" && path.includes("\\")) return ". Folders are separated by / here, not by \\";
  const folder = dirname(path);
  try {
    const meant = nearestName(basename(path), await readdir(folder));
    return meant === undefined ? "" : `; did you mean ${meant}?`;
  } catch {
    return `, and no folder ${folder} either`;
  }
}

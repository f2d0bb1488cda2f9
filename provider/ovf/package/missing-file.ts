import { readdir } from "node:fs/promises";
import { basename, dirname, sep } from "node:path";
import { nearestName } from "../did-you-mean.ts";

/** Says which file may be meant by a path that leads nowhere; empty if nothing can be said. */
export async function meantFile(path: string): Promise<string> {
  if (path.split(sep).includes("~")) {
    return ". The ~ stands for a home in a shell only: write the whole path, or one from the folder of Pulumi.yaml on";
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

import { existsSync } from "node:fs";
import path from "node:path";

/**
 * The folder of `Pulumi.yaml`. Relative paths of the program and the configuration are relative to it. Pulumi runs a
 * dynamic provider in the program's folder, which is that one or is below it.
 */
export function projectFolder(start: string = process.cwd()): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (["Pulumi.yaml", "Pulumi.yml"].some((file) => existsSync(path.join(folder, file)))) return folder;
    if (path.dirname(folder) === folder) return start;
  }
}

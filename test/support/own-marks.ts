import { createHash } from "node:crypto";

/** Files of a host without the marks of files and folders that are there; a mark of something that is gone stays. */
export function withoutOwnMarks(files: readonly string[]): string[] {
  const marks = new Set(files.map(markOf));
  return files.filter((file) => !file.endsWith("/.pulumi-esxi-direct-folder") && !marks.has(file));
}

/** Where the mark of a file is, `[datastore1] iso/.pulumi-esxi-direct-…`. */
export function markOf(file: string): string {
  const [, folder = "", name = ""] = /^(.*[/\]] ?)([^/]*)$/.exec(file) ?? [];
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${folder}.pulumi-esxi-direct-${digest}`;
}

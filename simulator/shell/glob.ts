/** File names by pattern. */
import type { HostFiles } from "./files.ts";

/** One field of a command line, in pieces. A quoted piece has no pattern. */
export type Field = { readonly text: string; readonly quoted: boolean }[];

/** Replaces a pattern by the names that match it. A pattern without a match stays as it is. */
export async function glob(files: HostFiles, cwd: string, field: Field): Promise<string[]> {
  const plain = field.map(({ text }) => text).join("");
  if (!field.some(({ text, quoted }) => !quoted && /[*?]|\[[^\]]+\]/.test(text))) return [plain];
  const pattern = field
    .map(({ text, quoted }) => (quoted ? text.replace(/[*?[\]\\]/g, "\\$&") : text))
    .join("");
  let paths = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((one) => one !== "")) {
    const next: string[] = [];
    for (const path of paths) {
      const place = files.place(cwd, path === "" ? "." : path);
      const names = await files.list(place).catch(() => []);
      const matching = names.filter((name) => matches(segment, name));
      next.push(...matching.map((name) => (path === "" || path === "/" ? path + name : `${path}/${name}`)));
    }
    paths = next;
  }
  return paths.length === 0 ? [plain] : paths.sort();
}

/** Whether a name matches a pattern. */
export function matches(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const source = pattern.replace(
    /\\(.)|\[([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g,
    (found, escaped?: string, set?: string) => {
      if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      if (set !== undefined) return `[${set.replace(/^!/, "^")}]`;
      return found === "*" ? ".*" : found === "?" ? "." : `\\${found}`;
    },
  );
  return new RegExp(`^${source}$`, "s").test(name);
}

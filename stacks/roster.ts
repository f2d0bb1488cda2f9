import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** One line of a roster. */
export interface Person {
  /** What the machine is called after. */
  readonly login: string;
  /** As people write it. */
  readonly name: string;
  readonly group: string;
}

/** Names for hosts, machines and files: nothing that any of the written files would take for something else. */
const LOGIN = /^[a-z][a-z0-9-]{0,30}$/;
const COLUMNS = ["login", "name", "group"] as const;

/**
 * The people of a CSV file with the columns `login`, `name` and `group`, in any order and between others; commas,
 * semicolons or tabs between them, as spreadsheets of several countries write it.
 * @throws Error that names every line that cannot be used.
 */
export function readRoster(file: string): Person[] {
  const rows: { record: Record<string, string>; info: { lines: number } }[] = parse(readFileSync(file), {
    bom: true,
    columns: (heads: string[]) => heads.map((head) => head.trim().toLowerCase()),
    delimiter: [",", ";", "\t"],
    info: true,
    skip_empty_lines: true,
    trim: true,
  });
  const lineOf = new Map<string, number>();
  const wrong: string[] = [];
  const people = rows.map(({ record, info: { lines: line } }) => {
    const [login = "", name = "", group = ""] = COLUMNS.map((column) => record[column]);
    const say = (what: string) => void wrong.push(`${file}:${line} ${what}`);
    for (const [column, value] of Object.entries({ login, group })) {
      if (LOGIN.test(value)) continue;
      say(
        `${column} ${JSON.stringify(value)} must be small letters, digits and dashes, at most 31, from a letter on`,
      );
    }
    if (/\p{Cc}/u.test(name)) say("name has a control character");
    const before = lineOf.get(login);
    if (before !== undefined) say(`login "${login}" is that of line ${before} too`);
    lineOf.set(login, line);
    return { login, name, group };
  });
  if (wrong.length > 0) throw new Error(`The roster cannot be used:\n${wrong.join("\n")}`);
  return people;
}

/** What a command of `esxcli` prints, before it is text. */
import type { ShellHost } from "../host-agent.ts";

export interface Table {
  /** A record is shown as lines of `Name: value` under the first field, a list as columns. */
  readonly shape: "record" | "list" | "blocks";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean)[])[];
}

export type Options = ReadonlyMap<string, string>;

/** What a command prints that only changes something. */
export const NOTHING: Table = { shape: "list", columns: [], rows: [] };

/** @returns undefined if the options do not name what there is */
export type EsxcliCommand = (host: ShellHost, options: Options) => Table | undefined | Promise<Table>;

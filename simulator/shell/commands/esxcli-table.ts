/** The output of a command of `esxcli`, before it is text. */
import type { ShellHost } from "../host-agent.ts";

export interface Table {
  /** A record is printed as lines of `Name: value` under its first field, a list as columns. */
  readonly shape: "record" | "list" | "blocks";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean)[])[];
}

export type Options = ReadonlyMap<string, string>;

/** The output of a command that only changes something. */
export const NOTHING: Table = { shape: "list", columns: [], rows: [] };

/** @returns undefined if the options name nothing that exists */
export type EsxcliCommand = (host: ShellHost, options: Options) => Table | undefined | Promise<Table>;

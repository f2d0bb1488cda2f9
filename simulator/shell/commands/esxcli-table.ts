/** What a command of `esxcli` prints, before it is text. */
import type { ShellHost } from "../host-agent.ts";

export interface Table {
  /** A record is shown as lines of `Name: value` under the first field, a list as columns. */
  readonly shape: "record" | "list" | "blocks";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean)[])[];
}

/** @returns undefined if the options do not name what there is */
export type EsxcliCommand = (
  host: ShellHost,
  options: ReadonlyMap<string, string>,
) => Table | undefined | Promise<Table>;

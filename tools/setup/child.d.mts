/** How a command ended. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it printed, if it ran quietly. */
  readonly output: string;
}

/** Runs a command to its end, in the user's terminal unless it is to be quiet. */
export function run(
  command: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly quiet?: boolean },
): Promise<ChildResult>;

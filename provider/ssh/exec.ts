/** Running commands on a host, over whatever connection. */
export interface ExecOptions {
  /** Gets the command's output as it arrives, besides the result. */
  readonly onStdout?: ((text: string) => void) | undefined;
  /**
   * The command's input. Default: none. A stream is read only as fast as the host takes it, a few mebibytes ahead. The
   * stream's error ends the command and is thrown. A command whose input ends early sees a normal end.
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** File on the host for the command's output. */
  readonly toFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  /** As text in UTF-8. */
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/** Runs commands. `SshConnection` is one. */
export interface SshExec {
  /** The host's name, for messages. */
  readonly host: string;
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

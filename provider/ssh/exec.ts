/** Running commands on a host, whatever they are run with. */
export interface ExecOptions {
  /** Gets the command's output as it comes, besides the result. */
  readonly onStdout?: ((text: string) => void) | undefined;
  /**
   * What the command reads. Default: nothing. A stream is read only as fast as the host takes it, a few mebibytes ahead; what
   * it fails with ends the command, and is what is thrown. A command whose input ends early sees the end like any other.
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** File on the host that takes the command's output. */
  readonly toFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  /** As text in UTF-8. */
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
}

/** What commands are run with; `SshConnection` is one. */
export interface SshExec {
  /** The host as people call it, for messages. */
  readonly host: string;
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

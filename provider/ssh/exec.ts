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
  /** The output replaces {@link toFile} only if it is whole. Default: as much as comes is written at once. */
  readonly whole?: WholeFile | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a file is written that never exists half-written. */
interface WholeFile {
  /** The file's path until it is whole. Nothing of it stays, also if the connection breaks. */
  readonly draft: string;
  /** SHA-256 of the whole content, in lower-case hex. */
  readonly sha256: string;
  /**
   * A command that follows in the same line, once the file is there. It runs also if the connection has broken by then.
   * The outcome is this command's, and before its output stands a line with the digest.
   */
  readonly then?: readonly string[] | undefined;
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

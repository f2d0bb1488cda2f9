/** One command over SSH: its input, its output, its exit. */
import type { Connection, ServerChannel } from "ssh2";
import { BrokenPipe, type Io, type Sink } from "../shell/io.ts";

export interface ChannelIo extends Io {
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
}

export function channelIo(connection: Connection, channel: ServerChannel): ChannelIo {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  connection.once("close", end);
  channel.once("close", () => {
    connection.off("close", end);
    end();
  });
  channel.on("error", () => gone.abort());
  return {
    stdin: input(channel, gone.signal),
    stdout: sink(channel, gone.signal),
    stderr: sink(channel.stderr, gone.signal),
    signal: gone.signal,
  };
}

/** Reports the command's exit. */
export function endChannel(channel: ServerChannel, status: number): void {
  if (channel.destroyed) return;
  channel.exit(status);
  channel.end();
  // Input that no command has read would keep the channel open.
  channel.resume();
}

/** The client's input, until its end or until the client is gone. */
async function* input(channel: ServerChannel, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return;
  try {
    // A command that stops reading leaves the channel open for its status.
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) yield chunk;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function sink(stream: NodeJS.WritableStream, signal: AbortSignal): Sink {
  return async (data) => {
    if (signal.aborted) throw new BrokenPipe();
    await new Promise<void>((resolve, reject) => {
      const lost = (): void => reject(new BrokenPipe());
      signal.addEventListener("abort", lost, { once: true });
      stream.write(data, () => {
        signal.removeEventListener("abort", lost);
        resolve();
      });
    });
  };
}

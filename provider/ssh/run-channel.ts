import type { ClientChannel } from "ssh2";
import { ChannelInput } from "./channel-input.ts";
import type { ExecOptions, ExecResult } from "./exec.ts";
import { SshError } from "./ssh-error.ts";
import { SshLostError } from "./ssh-lost-error.ts";

interface ChannelResult extends ExecResult {
  readonly exitCode: number | undefined;
  readonly signalName: string | undefined;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Feeds a channel, collects its output, and waits for its end. */
export function runChannel(
  channel: ClientChannel,
  options: ExecOptions & { readonly what: string },
): Promise<ChannelResult> {
  const { signal, what } = options;
  return new Promise((resolve, reject) => {
    const stdout = new Output();
    const stderr = new Output();
    let input: ChannelInput | undefined;
    let exit: { exitCode: number | undefined; signalName: string | undefined } | undefined;
    const end = (settle: () => void) => {
      signal?.removeEventListener("abort", abort);
      input?.stop();
      settle();
    };
    const giveUp = (error: unknown) => {
      // A command that goes on writing ends when nobody reads its output. Hosts that support it are told at once.
      channel.signal("TERM");
      channel.close();
      end(() => reject(error));
    };
    const abort = () => giveUp(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    channel.on("data", (chunk: Buffer) => {
      if (options.onStdout) options.onStdout(chunk.toString("utf8"));
      if (!stdout.add(chunk)) giveUp(new SshError(`${what} wrote more than ${MAX_OUTPUT_BYTES} bytes.`));
    });
    channel.stderr.on("data", (chunk: Buffer) => {
      if (!stderr.add(chunk)) giveUp(new SshError(`${what} wrote more than ${MAX_OUTPUT_BYTES} bytes.`));
    });
    channel.on("exit", (code: number | null, name?: string) => {
      exit = { exitCode: code ?? undefined, signalName: name };
    });
    // The command has ended before its input did. Its status says what went wrong.
    channel.on("error", () => {});
    channel.on("close", () => {
      const stdoutBytes = stdout.bytes();
      const result = exit && {
        ...exit,
        stdout: stdoutBytes.toString("utf8"),
        stdoutBytes,
        stderr: stderr.bytes().toString("utf8"),
      };
      end(() => {
        if (result) resolve(result);
        else reject(new SshLostError(`${what}: the SSH connection was lost before the command ended.`));
      });
    });
    const { stdin } = options;
    if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array) channel.end(stdin);
    else {
      input = new ChannelInput(channel, stdin);
      input.send().catch(giveUp);
    }
  });
}

class Output {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  add(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#length > MAX_OUTPUT_BYTES) return false;
    this.#chunks.push(chunk);
    return true;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

import type { ClientChannel } from "ssh2";
import { YoungGarbage } from "./young-garbage.ts";

/** Feeds a command from a stream, as fast as the host reads it. */
export class ChannelInput {
  readonly #channel: ClientChannel;
  readonly #source: AsyncIterator<Uint8Array>;
  #stopped = false;
  #goOn: () => void = () => {};

  constructor(channel: ClientChannel, source: AsyncIterable<Uint8Array>) {
    this.#channel = channel;
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Sends everything, and then the end of input. @throws The source's error, unless it was stopped before. */
  async send(): Promise<void> {
    const garbage = new YoungGarbage();
    try {
      while (!this.#stopped) {
        const { done, value } = await this.#source.next();
        if (this.#stopped) break;
        if (done) return void this.#channel.end();
        if (!this.#channel.write(value)) await this.#room();
        garbage.add(value.byteLength);
      }
    } catch (error) {
      if (!this.#stopped) throw error;
    } finally {
      // A source that was not read to its end still has something open.
      if (this.#stopped) this.#source.return?.()?.catch(() => {});
    }
  }

  /** The command has ended, or nobody waits for it. It reads no more. */
  stop(): void {
    this.#stopped = true;
    this.#goOn();
  }

  /** Waits until the host has taken most of what was written. A closed channel reports nothing any more. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = () => {
        this.#channel.removeListener("drain", this.#goOn);
        resolve();
      };
      this.#channel.once("drain", this.#goOn);
    });
  }
}

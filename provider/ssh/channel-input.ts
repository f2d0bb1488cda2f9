import type { ClientChannel } from "ssh2";

/** Feeds a command from a stream, only as fast as the host takes it. */
export class ChannelInput {
  readonly #channel: ClientChannel;
  readonly #source: AsyncIterator<Uint8Array>;
  #stopped = false;
  #goOn: () => void = () => {};

  constructor(channel: ClientChannel, source: AsyncIterable<Uint8Array>) {
    this.#channel = channel;
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Sends all of it, and says that this was all. @throws What the source fails with, unless it was stopped before. */
  async send(): Promise<void> {
    try {
      while (!this.#stopped) {
        const { done, value } = await this.#source.next();
        if (this.#stopped) break;
        if (done) return void this.#channel.end();
        if (!this.#channel.write(value)) await this.#room();
      }
    } catch (error) {
      if (!this.#stopped) throw error;
    } finally {
      // A source that was not read to its end has something open.
      if (this.#stopped) this.#source.return?.()?.catch(() => {});
    }
  }

  /** The command has ended, or is given up: it reads nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#goOn();
  }

  /** Waits until the host has taken most of what was written: a channel that is closed says nothing any more. */
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

import { toBytes } from "./io.ts";

/** Output that goes into a file, piece by piece. */
export class FileOutput {
  readonly #append: (source: AsyncIterable<Uint8Array>) => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #error: Error | undefined;

  constructor(append: (source: AsyncIterable<Uint8Array>) => Promise<void>) {
    this.#append = append;
  }

  readonly write = async (data: Uint8Array | string): Promise<void> => {
    const piece = toBytes(data);
    this.#last = this.#last.then(async () => {
      if (this.#error) return;
      await this.#append(
        (async function* () {
          yield piece;
        })(),
      ).catch((error: Error) => {
        this.#error = error;
      });
    });
    await this.#last;
  };

  /** @returns what went wrong */
  async close(): Promise<Error | undefined> {
    await this.#last;
    return this.#error;
  }
}

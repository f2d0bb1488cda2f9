import type { FileHandle } from "node:fs/promises";
import { toBytes } from "./io.ts";

/** Output of a command that could not be written, because the datastore is full. The command reports it and ends. */
export class WriteError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = "WriteError";
  }
}

/** A file that receives output piece by piece. The part before an error stays. */
export class FileOutput {
  readonly #file: FileHandle;
  readonly #room: (bytes: number) => number;
  readonly #full: () => Error;
  readonly #closed: () => void;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param space.room takes this much space for the file, and returns how much was free
   * @param space.full the message if that was too little
   * @param closed called at the end
   */
  constructor(
    file: FileHandle,
    space: { readonly room: (bytes: number) => number; readonly full: () => Error },
    closed: () => void,
  ) {
    this.#file = file;
    this.#room = space.room;
    this.#full = space.full;
    this.#closed = closed;
  }

  /** @throws WriteError when there is no more space */
  readonly write = (data: Uint8Array | string): Promise<void> => {
    const written = this.#last.then(() => this.#write(toBytes(data)));
    this.#last = written.catch(() => {});
    return written;
  };

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
    this.#closed();
  }

  async #write(piece: Uint8Array): Promise<void> {
    const fits = this.#room(piece.byteLength);
    if (fits > 0) await this.#file.writeFile(piece.subarray(0, fits));
    if (fits < piece.byteLength) throw new WriteError(this.#full());
  }
}

/** Writes the bytes of a disk to their places in a sparse file. */
import type { FileHandle } from "node:fs/promises";

const BATCH_BYTES = 2 ** 20;
/** Unpacking can go on while the file system writes. The limit keeps the memory at a few MiB. */
const MAX_WRITES_IN_FLIGHT = 3;

/** Pieces come in the order of the disk. Neighbours are written together, and zeros stay holes. */
export class FlatWriter {
  readonly #file: FileHandle;
  readonly #allocate: (bytes: number) => void;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: unknown;
  #batch: Buffer[] = [];
  #batchOffset = 0;
  #batchBytes = 0;
  #zeros = Buffer.alloc(0);

  /** @param allocate gets the number of bytes that will be written next, and throws if there is no space. */
  constructor(file: FileHandle, allocate: (bytes: number) => void) {
    this.#file = file;
    this.#allocate = allocate;
  }

  /** Takes a piece, which must not change afterwards. Throws the error of an earlier write. */
  async write(offset: number, data: Buffer): Promise<void> {
    if (this.#isZero(data)) return;
    const adjoins = offset === this.#batchOffset + this.#batchBytes;
    if (!adjoins || this.#batchBytes >= BATCH_BYTES) {
      await this.#flush();
      this.#batchOffset = offset;
    }
    this.#allocate(data.length);
    this.#batch.push(data);
    this.#batchBytes += data.length;
  }

  /** Waits until everything is written. Throws the error of a write. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits until no write is in progress. Never throws. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async #flush(): Promise<void> {
    while (this.#inFlight.size >= MAX_WRITES_IN_FLIGHT) await Promise.race(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#batchBytes === 0) return;
    const writing: Promise<void> = this.#writeAll(this.#batch, this.#batchOffset, this.#batchBytes)
      .catch((cause: unknown) => {
        this.#failure ??= cause;
      })
      .finally(() => this.#inFlight.delete(writing));
    this.#inFlight.add(writing);
    this.#batch = [];
    this.#batchBytes = 0;
  }

  async #writeAll(pieces: readonly Buffer[], offset: number, bytes: number): Promise<void> {
    const { bytesWritten } = await this.#file.writev([...pieces], offset);
    if (bytesWritten === bytes) return;
    const rest = Buffer.concat(pieces).subarray(bytesWritten);
    for (let done = 0; done < rest.length; ) {
      const part = await this.#file.write(rest, done, rest.length - done, offset + bytesWritten + done);
      done += part.bytesWritten;
    }
  }

  #isZero(data: Buffer): boolean {
    if (data[0] !== 0 || data[data.length - 1] !== 0) return false;
    if (this.#zeros.length < data.length) this.#zeros = Buffer.alloc(data.length);
    return data.equals(this.#zeros.subarray(0, data.length));
  }
}

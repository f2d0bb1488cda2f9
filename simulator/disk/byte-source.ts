/** Receives chunks of any length, and gives pieces of the length that the caller asks for. */
export class ByteSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #onChunk: (chunk: Uint8Array) => void;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #taken = 0;

  /** @param onChunk gets each chunk when it arrives, before anything is taken from it. */
  constructor(source: AsyncIterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#onChunk = onChunk;
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#taken;
  }

  /** Bytes that can be taken at once. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Reads until this number of bytes is buffered. False if the source ends before. */
  async fill(bytes: number): Promise<boolean> {
    while (this.#buffered < bytes) {
      const { done, value } = await this.#iterator.next();
      if (done) return false;
      this.#onChunk(value);
      this.#chunks.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      this.#buffered += value.byteLength;
    }
    return true;
  }

  /** Returns the next bytes without taking them. They must be buffered. */
  peek(bytes: number): Buffer {
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= bytes) return first.subarray(0, bytes);
    if (bytes > this.#buffered) throw new RangeError(`${bytes} bytes wanted, ${this.#buffered} buffered`);
    this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] ?? Buffer.alloc(0)).subarray(0, bytes);
  }

  /** Takes the next bytes. They must be buffered. */
  take(bytes: number): Buffer {
    const piece = this.peek(bytes);
    this.#consume(bytes);
    return piece;
  }

  /** Skips bytes. False if the source ends before. */
  async skip(bytes: number): Promise<boolean> {
    for (let left = bytes; left > 0; ) {
      if (this.#buffered === 0 && !(await this.fill(1))) return false;
      const piece = Math.min(left, this.#buffered);
      this.#consume(piece);
      left -= piece;
    }
    return true;
  }

  /** Reads the rest and drops it. */
  async drain(): Promise<void> {
    do this.#consume(this.#buffered);
    while (await this.fill(1));
  }

  /** Tells the source that no more bytes are needed. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  #consume(bytes: number): void {
    this.#buffered -= bytes;
    this.#taken += bytes;
    for (let left = bytes; left > 0; ) {
      const first = this.#chunks[0];
      if (first === undefined) return;
      if (first.length > left) this.#chunks[0] = first.subarray(left);
      else this.#chunks.shift();
      left -= first.length;
    }
  }
}

/** The last bytes of what was written: however much it was, no more is held than twice the limit. */
export class Tail {
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > 2 * this.#limit) this.#keep(this.peek());
  }

  peek(): Buffer {
    return Buffer.concat(this.#pieces).subarray(-this.#limit);
  }

  /** Leaves nothing. */
  take(): Buffer {
    const kept = this.peek();
    this.#keep(Buffer.alloc(0));
    return kept;
  }

  #keep(bytes: Buffer): void {
    this.#pieces = [Buffer.from(bytes)];
    this.#bytes = bytes.length;
  }
}

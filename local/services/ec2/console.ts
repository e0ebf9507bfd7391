/** EC2 keeps the last 64 KB of an instance's console. */
const RING_BYTES = 65_536;

/** What is posted is what GetConsoleOutput answers without `Latest`: it is refreshed only now and then. */
export interface Posted {
  readonly at: number;
  readonly output: Buffer;
}

export class ConsoleRing {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #posted: Posted | undefined;
  #isStale = false;

  write(bytes: Uint8Array): void {
    if (this.#isStale) [this.#chunks, this.#bytes, this.#isStale] = [[], 0, false];
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    // Cut at twice the size: one copy per 64 KB instead of one per line.
    if (this.#bytes > 2 * RING_BYTES) this.#cut();
  }

  /** With the next byte: until then what was there is better than nothing. */
  startOver(): void {
    this.#isStale = true;
  }

  post(at: number): void {
    this.#posted = { at, output: this.latest };
  }

  /** What a run before it saw. */
  restore(latest: Uint8Array, posted: Posted | undefined): void {
    this.write(latest);
    this.#posted = posted;
  }

  get latest(): Buffer {
    return this.#cut();
  }

  get posted(): Posted | undefined {
    return this.#posted;
  }

  #cut(): Buffer {
    const kept = Buffer.from(Buffer.concat(this.#chunks).subarray(-RING_BYTES));
    this.#chunks = [kept];
    this.#bytes = kept.length;
    return kept;
  }
}

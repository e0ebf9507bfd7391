/** EC2 keeps the last 64 KB of an instance's console. */
const RING_BYTES = 65_536;

/** What is posted is what GetConsoleOutput answers without `Latest`: it is refreshed only now and then. */
export interface Posted {
  readonly at: number;
  readonly output: Buffer;
}

export class ConsoleRing {
  #kept = Buffer.alloc(0);
  #posted: Posted | undefined;

  write(bytes: Uint8Array): void {
    this.#kept = Buffer.from(Buffer.concat([this.#kept, bytes]).subarray(-RING_BYTES));
  }

  post(at: number): void {
    this.#posted = { at, output: this.latest };
  }

  get latest(): Buffer {
    return this.#kept;
  }

  get posted(): Posted | undefined {
    return this.#posted;
  }
}

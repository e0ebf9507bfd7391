export interface LogEvent {
  readonly id: string;
  readonly stream: string;
  readonly at: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdAt: number;
  firstAt: number;
  lastAt: number;
}

/** All of a group that changes. */
export interface GroupContent {
  readonly streams: readonly LogStream[];
  readonly events: readonly LogEvent[];
  /** Events ever written, which number the next one. */
  readonly written: number;
  readonly bytes: number;
}

/** A group's events, the newest of them: memory is bounded, whatever functions say. */
const KEPT_EVENTS = 10_000;

export class LogGroup {
  readonly name: string;
  readonly createdAt: number;
  readonly retentionDays: number | undefined;
  readonly streams = new Map<string, LogStream>();
  #events: LogEvent[] = [];
  #written = 0;
  #bytes = 0;

  constructor(name: string, createdAt: number, retentionDays?: number) {
    this.name = name;
    this.createdAt = createdAt;
    this.retentionDays = retentionDays;
  }

  write(stream: string, at: number, message: string): void {
    const known = this.streams.get(stream);
    if (known === undefined) this.streams.set(stream, { name: stream, createdAt: at, firstAt: at, lastAt: at });
    else known.lastAt = at;
    this.#written += 1;
    // AWS counts 26 bytes of overhead an event.
    this.#bytes += Buffer.byteLength(message) + 26;
    this.#events.push({ id: String(this.#written).padStart(20, '0'), stream, at, message });
    if (this.#events.length >= 2 * KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS);
  }

  /** Takes the place of what the group has, with the events of a run before. */
  restore({ streams, events, written, bytes }: GroupContent): void {
    for (const stream of streams) this.streams.set(stream.name, stream);
    this.#events = [...events];
    this.#written = written;
    this.#bytes = bytes;
  }

  /** With its newest events, at most so many. */
  content(most: number): GroupContent {
    return {
      streams: [...this.streams.values()],
      events: this.#events.slice(-most),
      written: this.#written,
      bytes: this.#bytes,
    };
  }

  /** Oldest first. */
  events(): readonly LogEvent[] {
    return this.#events.slice(-KEPT_EVENTS);
  }

  get storedBytes(): number {
    return this.#bytes;
  }
}

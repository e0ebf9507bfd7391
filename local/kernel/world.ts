/**
 * What every local AWS service is given: the time, the dice, the trace and the account. Nothing in `local/` but the
 * drivers of these may read the wall clock, set a timer or draw a random number of its own.
 */
export interface Entry {
  readonly at: number;
  readonly label: string;
  cancel(): void;
}

/** Work to come, ordered by instant, then by order of entry. The live driver follows the (scaled) wall clock; the virtual one is advanced. */
export interface Timetable {
  /** Account time, milliseconds since 1970. */
  now(): number;
  at(instant: number, label: string, run: () => void | Promise<void>): Entry;
  after(ms: number, label: string, run: () => void | Promise<void>): Entry;
}

/** Seeded. The same seed draws the same numbers in the same order. */
export interface Random {
  /** [0, 1) */
  next(): number;
  /** Whole number in [0, below). */
  below(below: number): number;
  /** Small hexadecimal digits, for ids as AWS makes them (`i-` + hex(17)). */
  hex(length: number): string;
  uuid(): string;
}

export interface TraceEntry {
  readonly at: number;
  /** Which part speaks: `ec2`, `states/<execution>`, `lambda/<function>`. */
  readonly path: string;
  readonly kind: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The one output of the runtime: console, command line and tests read the same entries. */
export interface Trace {
  add(path: string, kind: string, data?: Readonly<Record<string, unknown>>): void;
}

export interface AccountFacts {
  readonly id: string;
  readonly region: string;
  readonly partition: string;
  readonly zones: readonly string[];
  /** `http://127.0.0.1:PORT`: where the gateway listens, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** Which loopback addresses are its own, so that two accounts can run on one machine: see `loopback`. 0 unless given. */
  readonly network?: number | undefined;
}

/** Load balancers are at 127.0.1.x and instances at 127.1.x.y; of the next network at 127.2.1.x and 127.3.x.y, and so on. */
export const loopback = ({ network = 0 }: Pick<AccountFacts, 'network'>) => ({
  balancers: `127.${2 * network}.1`,
  instances: `127.${2 * network + 1}`,
});
export const MOST_NETWORK = 126;

export interface World {
  readonly time: Timetable;
  readonly random: Random;
  readonly trace: Trace;
  readonly account: AccountFacts;
}

/** A bench measures something against a yardstick in the same run, and answers rows; `main.ts` prints them. */
export interface Row {
  readonly what: string;
  readonly value: string;
  /** Times the yardstick, where there is one. */
  readonly ratio?: number;
}

export interface BenchOptions {
  /** Of what is repeated. */
  readonly runs?: number;
  /** Of what is drawn by chance: another number, other draws. */
  readonly campaign?: number;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly yardstick: string;
  run(options?: BenchOptions): Promise<readonly Row[]>;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((smaller, larger) => smaller - larger);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};

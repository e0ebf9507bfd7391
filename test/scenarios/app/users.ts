/** Users of one service on the virtual clock. Every build of every release answers in a time of its own: so they know it. */
import type { InProcessRuntime } from '../../../local/runtime/in-process.ts';

const SECOND_MS = 1000;

export interface Answer {
  readonly at: number;
  readonly status: number;
  /** Who answered; 0: the load balancer itself. */
  readonly latencyMs: number;
  readonly isBeta: boolean;
}

export interface UsersOptions {
  readonly perSecond: number;
  /** Every second request is one of a user who chose beta, by these headers. */
  readonly betaHeaders?: Readonly<Record<string, string>>;
}

export class Users {
  readonly answers: Answer[] = [];
  readonly #runtime: InProcessRuntime;
  readonly #address: string;
  readonly #options: UsersOptions;

  constructor(runtime: InProcessRuntime, address: string, options: UsersOptions) {
    this.#runtime = runtime;
    this.#address = address;
    this.#options = options;
    this.#second();
  }

  #second(): void {
    const { perSecond, betaHeaders } = this.#options;
    const at = this.#runtime.clock.now();
    for (let n = 0; n < perSecond; n += 1) {
      const isBeta = betaHeaders !== undefined && n % 2 === 1;
      const request = { address: this.#address, port: 80, path: '/', ...(isBeta && { headers: betaHeaders }) };
      const { status, latencyMs } = this.#runtime.composed.loadBalancers.traffic.request(request);
      this.answers.push({ at, status, latencyMs, isBeta });
    }
    this.#runtime.clock.after(SECOND_MS, 'users', () => this.#second());
  }

  between(from: number, to = Infinity): readonly Answer[] {
    return this.answers.filter(({ at }) => at >= from && at < to);
  }
}

export const failed = (answers: readonly Answer[]) => answers.filter(({ status }) => status >= 500).length;

export function shareOf(answers: readonly Answer[], faces: readonly number[]): number {
  return answers.filter(({ latencyMs }) => faces.includes(latencyMs)).length / Math.max(1, answers.length);
}
